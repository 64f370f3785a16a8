/** What the host does for a patching panel, in the same pieces as the editor's: cells are kept, and a run that is resumed runs only what is missing. */
import { CellStore, keyOf } from '../../src/host/experiments/cellStore.ts';
import { runToEnd } from '../../src/host/experiments/runToEnd.ts';
import type { Experiment } from '../../src/shared/experiment/experiment.ts';
import type { EngineApi } from '../../src/shared/protocol/engineApi.ts';
import type { PatchingState } from '../../src/shared/protocol/panelApi.ts';
import type { Handlers } from '../../src/shared/rpc/connection.ts';
import type { PanelHostApi } from './panelHost.ts';

type Methods = 'experiment' | 'patchedRun' | 'chooseDirection' | 'showCode' | 'showDiff' | 'history' | 'openHistory' | 'compareHistory';

export interface PatchingHost {
  readonly handlers: Pick<Handlers<PanelHostApi>, Methods>;
  readonly state: () => PatchingState;
  readonly remember: (experiment: Experiment) => void;
}

export function patchingHost(engine: Handlers<EngineApi>, model: string, shown: Partial<PatchingState>): PatchingHost {
  const kept = new Map<string, CellStore>();
  let experiment = shown.experiment ?? null;
  const ours = (one: Experiment): Experiment => ({ ...one, model });
  return {
    state: () => ({ experiment, source: shown.source ?? null, outcome: (experiment && kept.get(keyOf(experiment))?.outcome) ?? shown.outcome ?? null }),
    remember: (one) => (experiment = ours(one)),
    handlers: {
      experiment: async (params, { signal, progress }) => {
        const asked = ours(params.experiment);
        const cells = (params.resume ? kept.get(keyOf(asked)) : undefined) ?? new CellStore();
        kept.set(keyOf(asked), cells);
        experiment = asked;
        return runToEnd({
          experiment: asked, cells, signal, progress,
          call: async (body, options) => engine.experiment(body, { signal: options.signal ?? signal, progress: (step) => options.onProgress?.(step) }),
        });
      },
      patchedRun: (params, context) => engine.patchedRun({ ...params, experiment: ours(params.experiment) }, context),
      chooseDirection: () => null,
      showCode: () => null,
      showDiff: () => null,
      history: () => [],
      openHistory: () => null,
      compareHistory: () => null,
    },
  };
}
