/** Activation: builds the services, registers the contributions, nothing else. */
import * as vscode from 'vscode';
import { registerCommands } from './host/commands/table.ts';
import { Models } from './host/engine/models.ts';
import { exportsOf } from './host/exports.ts';
import type { CogscopeExports } from './host/exports.ts';
import { AttentionPanels } from './host/panels/attentionPanels.ts';
import { OverviewEditor } from './host/panels/overviewEditor.ts';
import { PromptMemory } from './host/panels/promptMemory.ts';
import { ModelTree } from './host/views/modelTree.ts';
import { StatusItem } from './host/views/statusItem.ts';

let models: Models | undefined;

export function activate(context: vscode.ExtensionContext): CogscopeExports {
  const extension = context.extensionUri;
  const log = vscode.window.createOutputChannel('Cogscope', { log: true });
  models = new Models({ script: vscode.Uri.joinPath(extension, 'dist', 'engine.js').fsPath, log });
  const memory = new PromptMemory(context.workspaceState);
  const attention = new AttentionPanels(extension, models, memory);
  const tree = new ModelTree(models);
  context.subscriptions.push(
    log, models, attention, tree, new StatusItem(models),
    OverviewEditor.register(extension, models),
    registerCommands({ extension, models, attention, memory, tree, log }),
  );
  return exportsOf(models, memory);
}

/** The editor waits for this before it ends the extension host. */
export async function deactivate(): Promise<void> {
  await models?.close();
}
