/** Activation: builds the services, registers the contributions, nothing else. */
import * as vscode from 'vscode';
import { Models } from './host/engine/models.ts';
import { exportsOf } from './host/exports.ts';
import type { CogscopeExports } from './host/exports.ts';
import { OverviewEditor } from './host/panels/overviewEditor.ts';

let models: Models | undefined;

export function activate(context: vscode.ExtensionContext): CogscopeExports {
  const log = vscode.window.createOutputChannel('Cogscope', { log: true });
  models = new Models({ script: vscode.Uri.joinPath(context.extensionUri, 'dist', 'engine.js').fsPath, log });
  context.subscriptions.push(log, models, OverviewEditor.register(context.extensionUri, models));
  return exportsOf(models);
}

/** The editor waits for this before it ends the extension host. */
export async function deactivate(): Promise<void> {
  await models?.close();
}
