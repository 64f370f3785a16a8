/** The status bar's item: what the engine of the model in focus is doing. */
import * as vscode from 'vscode';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { commandIds } from '../ids.ts';
import { statusText } from './statusText.ts';
import type { StatusText } from './statusText.ts';

const backgrounds: Readonly<Record<StatusText['severity'], string | undefined>> = {
  normal: undefined, warning: 'statusBarItem.warningBackground', error: 'statusBarItem.errorBackground',
};

const links = `[Show log](command:${commandIds.showLog}) · [Restart engine](command:${commandIds.restartEngine}) · [Reload model](command:${commandIds.reloadModel})`;

export class StatusItem implements vscode.Disposable {
  private readonly models: Models;
  private readonly item = vscode.window.createStatusBarItem('cogscope.engine', vscode.StatusBarAlignment.Right, 100);
  private readonly subscription: vscode.Disposable;
  private ofHandle: readonly vscode.Disposable[] = [];

  constructor(models: Models) {
    this.models = models;
    this.item.name = 'Cogscope Engine';
    this.item.command = commandIds.engineActions;
    this.subscription = models.onDidChangeFocus(() => this.follow());
    this.follow();
  }

  dispose(): void {
    for (const disposable of [...this.ofHandle, this.subscription, this.item]) disposable.dispose();
  }

  private follow(): void {
    for (const disposable of this.ofHandle) disposable.dispose();
    const handle = this.models.focused;
    this.ofHandle = handle ? [handle.onDidChange(() => this.show(handle)), handle.onDidProgress(() => this.show(handle))] : [];
    if (handle) this.show(handle);
    else this.item.hide();
  }

  private show(handle: ModelHandle): void {
    const { text, about, severity } = statusText(handle.model, handle.activity);
    this.item.text = text;
    const background = backgrounds[severity];
    this.item.backgroundColor = background === undefined ? undefined : new vscode.ThemeColor(background);
    const tooltip = new vscode.MarkdownString();
    // A model's name and what a runtime says are text, not marks.
    tooltip.appendText(`${handle.title}: ${about}`).appendMarkdown(`\n\n${links}`);
    tooltip.isTrusted = { enabledCommands: [commandIds.showLog, commandIds.restartEngine, commandIds.reloadModel] };
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: `Cogscope engine. ${about}` };
    this.item.show();
  }
}
