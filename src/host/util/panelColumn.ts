import * as vscode from 'vscode';
import { viewTypes } from '../ids.ts';

const ours: readonly string[] = Object.values(viewTypes);

/** The editor prefixes the type of a tab's webview with its own words. */
const isPanel = ({ input }: vscode.Tab): boolean => input instanceof vscode.TabInputWebview && ours.some((type) => input.viewType.endsWith(type));

/** Where a new panel opens: with the panels that are there, so that they share one column, else beside what is active. */
export function panelColumn(): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  if (activeTabGroup.activeTab && isPanel(activeTabGroup.activeTab)) return activeTabGroup.viewColumn;
  return all.find((group) => group !== activeTabGroup && group.tabs.some(isPanel))?.viewColumn ?? vscode.ViewColumn.Beside;
}
