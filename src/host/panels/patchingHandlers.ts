/** What a patching panel may ask of the host. */
import * as vscode from 'vscode';
import { withPaths } from '../../experiments/paths.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { HistoryEntry, PatchingPanelApi } from '../../shared/protocol/panelApi.ts';
import type { Handlers } from '../../shared/rpc/connection.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Experiments } from '../experiments/experiments.ts';
import type { History } from '../experiments/history.ts';
import type { RunDocuments } from '../experiments/runDocuments.ts';
import { compareRuns } from '../experiments/compareRuns.ts';
import { patchedTexts } from '../experiments/runTexts.ts';
import { showAsCode } from '../experiments/showAsCode.ts';
import { resultLine } from '../experiments/words.ts';
import { commandIds } from '../ids.ts';
import { commonHandlers } from './commonHandlers.ts';

export interface PatchingServices {
  readonly experiments: Experiments;
  readonly history: History;
  readonly documents: RunDocuments;
}

/** The panel that asks. */
export interface Asking {
  /** The file that its experiment was read from. */
  source(): vscode.Uri | null;
  show(experiment: Experiment): Promise<void>;
  remember(experiment: Experiment): Promise<void>;
}

export function patchingHandlers({ experiments, history, documents }: PatchingServices, handle: ModelHandle, asking: Asking): Omit<Handlers<PatchingPanelApi>, 'ready'> {
  const { uri } = handle;
  const folder = (): vscode.Uri => vscode.Uri.joinPath(asking.source() ?? uri, '..');
  const ours = (experiment: Experiment): Experiment => withPaths({ ...experiment, model: uri.fsPath }, folder().fsPath);
  return {
    ...commonHandlers(handle),
    tokenize: (params, { signal }) => handle.call('tokenize', params, { signal }),
    addresses: (params, { signal }) => handle.call('addresses', params, { signal }),
    experiment: async ({ experiment, resume }, { signal, progress }) => {
      await asking.remember(ours(experiment));
      return experiments.run({ handle, experiment: ours(experiment), source: asking.source(), resume, signal, progress });
    },
    patchedRun: ({ experiment, pair, address }, { signal }) => handle.call('patchedRun', { experiment: ours(experiment), pair, address }, { signal }),
    chooseDirection: async () => {
      const [chosen] = (await vscode.window.showOpenDialog({ title: 'Steer by the Direction in a File', defaultUri: folder(), filters: { Directions: ['safetensors', 'npy'] } })) ?? [];
      return chosen?.fsPath ?? null;
    },
    showCode: async ({ experiment, language }) => {
      await showAsCode(ours(experiment), language, asking.source() ?? uri);
      return null;
    },
    showDiff: async ({ experiment, pair, address }, { signal }) => {
      const run = await handle.call('patchedRun', { experiment: ours(experiment), pair, address }, { signal });
      const outcome = await experiments.outcomeOf(uri, ours(experiment));
      await documents.diff(patchedTexts({ experiment, frame: outcome?.frame ?? null, pair, run }));
      return null;
    },
    history: () => history.notes.filter(({ model }) => model === uri.toString()).map(({ id, at, title, complete, ...note }): HistoryEntry => ({ id, at, title, complete, result: resultLine(note) })),
    openHistory: async ({ id }) => {
      const kept = await history.read(id);
      if (!kept) throw new CogscopeError('usage', 'That run is no longer kept', 'Run the experiment again');
      await experiments.take(uri, ours(kept.experiment), kept.outcome);
      await asking.show(ours(kept.experiment));
      return null;
    },
    compareHistory: async ({ a, b }) => {
      await compareRuns(history, documents, a, b);
      return null;
    },
    remember: async ({ experiment }) => {
      await asking.remember(ours(experiment));
      return null;
    },
    openAttention: async ({ address }) => {
      await vscode.commands.executeCommand(commandIds.openAttention, uri, address);
      return null;
    },
  };
}
