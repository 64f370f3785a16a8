/** Activation patching: one activation of one prompt's run in a run of the other (Meng et al. 2022; TransformerLens's `patching`). */
import type { Patching } from '../../../shared/experiment/experiment.ts';
import type { TowerTokens } from '../prompt.ts';
import { sweepPlaces } from './cells.ts';
import type { Context, Kind } from './context.ts';
import { corruptedMetrics } from './metricsOf.ts';
import { fromRun, runSweep, sweepGrids } from './sweep.ts';

export const patching: Kind<Patching> = {
  edited: (session, experiment) => sweepPlaces(session, experiment).flat().map(({ entry }) => entry),
  layOut: async (context, experiment, clean) => {
    const grids = await sweepGrids(context, sweepPlaces(context.session, experiment), experiment.by);
    const [edited, source] = experiment.direction === 'denoise' ? [corruptedOf(context), cleanOf(context)] : [cleanOf(context), corruptedOf(context)];
    return {
      grids: grids.map(({ grid }) => grid),
      addresses: grids.flatMap(({ addresses }) => addresses),
      notes: [],
      clean,
      corrupted: await corruptedMetrics(context),
      run: (sink) => runSweep(context, {
        grids, edited,
        replacement: async (pair) => {
          const run = await context.runs.of(source(pair), context.pairs[pair]?.position ?? 0);
          sink.ran(1);
          return fromRun(run);
        },
      }, sink),
    };
  },
};

export const cleanOf = ({ pairs }: Context) => (pair: number): TowerTokens => pairs[pair]?.clean ?? new Map();
/** Of an experiment whose pairs were read with a corrupted prompt each. */
export const corruptedOf = ({ pairs }: Context) => (pair: number): TowerTokens => pairs[pair]?.corrupted ?? new Map();
