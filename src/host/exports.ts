/** What other extensions, and the tests, may use: the models that are open, and the way to open one without a view. */
import type * as vscode from 'vscode';
import type { ModelHandle } from './engine/modelHandle.ts';
import type { ModelReference, Models } from './engine/models.ts';
import type { History } from './experiments/history.ts';
import type { NeuronIndexing } from './neurons/indexing.ts';
import type { RolesMemory } from './roles/rolesMemory.ts';
import type { PromptMemory, Remembered } from './panels/promptMemory.ts';

export interface CogscopeExports {
  /** Models that are open, in any view. */
  models(): readonly ModelHandle[];
  /** The model that a person is looking at. */
  focused(): ModelHandle | undefined;
  /** Opens a model, or joins the views that have it open; its engine runs until the reference is disposed. */
  open(uri: vscode.Uri): ModelReference;
  /** What was last typed and selected for a model. */
  remembered(uri: vscode.Uri): Remembered;
  /** Runs of experiments that are kept. */
  readonly history: History;
  /** Makes indexes of neurons. */
  readonly indexing: NeuronIndexing;
  /** Roles that were found of heads. */
  readonly roles: RolesMemory;
  /** Ends every engine, as closing the editor does. */
  close(): Promise<void>;
}

export const exportsOf = (models: Models, memory: PromptMemory, history: History, indexing: NeuronIndexing, roles: RolesMemory): CogscopeExports => ({
  models: () => models.all,
  focused: () => models.focused,
  open: (uri) => models.acquire(uri),
  remembered: (uri) => memory.of(uri),
  history,
  indexing,
  roles,
  close: () => models.close(),
});
