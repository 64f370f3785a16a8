import type * as vscode from 'vscode';
import type { Models } from '../engine/models.ts';
import type { AttentionPanels } from '../panels/attentionPanels.ts';
import type { LensPanels } from '../panels/lensPanels.ts';
import type { NeuronPanels } from '../panels/neuronPanels.ts';
import type { Experiments } from '../experiments/experiments.ts';
import type { History } from '../experiments/history.ts';
import type { RunDocuments } from '../experiments/runDocuments.ts';
import type { NeuronIndexing } from '../neurons/indexing.ts';
import type { PatchingPanels } from '../panels/patchingPanels.ts';
import type { PromptMemory } from '../panels/promptMemory.ts';
import type { RolesMemory } from '../roles/rolesMemory.ts';
import type { CodeLinks } from '../source/codeLinks.ts';
import type { PromptFiles } from '../prompts/promptFiles.ts';
import type { ModelTree } from '../views/modelTree.ts';

/** What commands work with. */
export interface Services {
  readonly extension: vscode.Uri;
  readonly models: Models;
  readonly attention: AttentionPanels;
  readonly lens: LensPanels;
  readonly patching: PatchingPanels;
  readonly neurons: NeuronPanels;
  readonly memory: PromptMemory;
  readonly experiments: Experiments;
  readonly history: History;
  /** Texts of runs, for the diff editor. */
  readonly documents: RunDocuments;
  readonly indexing: NeuronIndexing;
  readonly roles: RolesMemory;
  readonly tree: ModelTree;
  readonly links: CodeLinks;
  readonly prompts: PromptFiles;
  readonly log: vscode.LogOutputChannel;
}

/** Arguments come from menus, links and other extensions: each command looks at what it takes. */
export type Command = (services: Services, ...args: readonly unknown[]) => unknown;
