/** Activation: builds the services, registers the contributions, nothing else. */
import * as vscode from 'vscode';
import { registerCommands } from './host/commands/table.ts';
import { Experiments } from './host/experiments/experiments.ts';
import { History } from './host/experiments/history.ts';
import { RunDocuments } from './host/experiments/runDocuments.ts';
import { registerAddresses } from './host/language/registerAddresses.ts';
import { registerExperimentFiles } from './host/language/register.ts';
import { Models } from './host/engine/models.ts';
import { exportsOf } from './host/exports.ts';
import type { CogscopeExports } from './host/exports.ts';
import { AttentionPanels } from './host/panels/attentionPanels.ts';
import { LensPanels } from './host/panels/lensPanels.ts';
import { IndexMemory } from './host/neurons/indexMemory.ts';
import { IndexWatch } from './host/neurons/indexWatch.ts';
import { NeuronIndexing } from './host/neurons/indexing.ts';
import { NeuronReader } from './host/neurons/reader.ts';
import { tellUnfinished } from './host/neurons/unfinished.ts';
import { NeuronPanels } from './host/panels/neuronPanels.ts';
import { OverviewEditor } from './host/panels/overviewEditor.ts';
import { PatchingMemory } from './host/panels/patchingMemory.ts';
import { PatchingPanels } from './host/panels/patchingPanels.ts';
import { PromptMemory } from './host/panels/promptMemory.ts';
import { PromptLenses } from './host/prompts/lenses.ts';
import { PromptShading } from './host/prompts/shading.ts';
import { PromptFiles } from './host/prompts/promptFiles.ts';
import { RolesMemory } from './host/roles/rolesMemory.ts';
import { CodeLenses } from './host/source/lenses.ts';
import { ShapeHints } from './host/source/hints.ts';
import { CodeLinks } from './host/source/codeLinks.ts';
import { ExperimentTests } from './host/testing/experimentTests.ts';
import { ModelTree } from './host/views/modelTree.ts';
import { StatusItem } from './host/views/statusItem.ts';

let models: Models | undefined;

export function activate(context: vscode.ExtensionContext): CogscopeExports {
  const extension = context.extensionUri;
  const log = vscode.window.createOutputChannel('Cogscope', { log: true });
  models = new Models({ script: vscode.Uri.joinPath(extension, 'dist', 'engine.js').fsPath, log });
  const memory = new PromptMemory(context.workspaceState);
  const attention = new AttentionPanels(extension, models, memory);
  const lens = new LensPanels(extension, models, memory);
  const history = new History(context.workspaceState, context.storageUri ?? context.globalStorageUri);
  const experiments = new Experiments(history);
  const documents = new RunDocuments();
  const patching = new PatchingPanels({ extension, models, experiments, history, documents, memory: new PatchingMemory(context.workspaceState) });
  const indexing = new NeuronIndexing(new IndexMemory(context.workspaceState));
  const neurons = new NeuronPanels({ extension, models, indexing, store: context.workspaceState });
  const roles = new RolesMemory(context.workspaceState);
  const reader = new NeuronReader(indexing);
  const tree = new ModelTree({ models, roles, indexing, reader });
  const links = new CodeLinks(models);
  const prompts = new PromptFiles(models, context.workspaceState);
  context.subscriptions.push(
    log, models, attention, lens, patching, neurons, roles, tree, history, experiments, indexing, new IndexWatch(models, indexing), documents, new StatusItem(models),
    links, new CodeLenses(links), new ShapeHints(links),
    prompts, new PromptLenses(prompts), new PromptShading(prompts, attention.runs, memory),
    OverviewEditor.register(extension, models),
    registerExperimentFiles({ models, experiments, history }),
    registerAddresses({ models, indexing, reader, roles, prompts }),
    new ExperimentTests({ models, experiments }, history),
    registerCommands({ extension, models, attention, lens, patching, neurons, memory, experiments, history, documents, indexing, roles, tree, links, prompts, log }),
  );
  void tellUnfinished(indexing.memory);
  return exportsOf(models, memory, history, indexing, roles);
}

/** The editor waits for this before it ends the extension host. */
export async function deactivate(): Promise<void> {
  await models?.close();
}
