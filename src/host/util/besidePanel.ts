import * as vscode from 'vscode';

/** Where a document opens that goes with what is active: beside an editor, and in the first column where a panel stands beside that. */
export function besidePanel(): vscode.ViewColumn {
  const { activeTab, viewColumn } = vscode.window.tabGroups.activeTabGroup;
  return activeTab?.input instanceof vscode.TabInputWebview && viewColumn !== vscode.ViewColumn.One ? vscode.ViewColumn.One : vscode.ViewColumn.Beside;
}
