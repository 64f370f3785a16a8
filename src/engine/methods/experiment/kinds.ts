/** The kinds of experiments. A new one is a file here and its row. */
import type { Experiment } from '../../../shared/experiment/experiment.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { ModelSession } from '../../session.ts';
import { ablation } from './ablation.ts';
import type { Context, Kind, LaidOut } from './context.ts';
import { patching } from './patching.ts';
import { pathPatching } from './pathPatching.ts';
import { steering } from './steering.ts';
import { tracing } from './tracing.ts';

const kinds: { readonly [K in Experiment['kind']]: Kind<Extract<Experiment, { readonly kind: K }>> } = {
  'activation-patching': patching,
  'causal-tracing': tracing,
  ablation,
  'path-patching': pathPatching,
  steering,
};

/** The row fits the experiment by its kind, which TypeScript cannot follow through the table. */
const kindOf = (experiment: Experiment): Kind<Experiment> => kinds[experiment.kind] as Kind<Experiment>;

/** Where the experiment edits or reads inside blocks. */
export const editedBy = (session: ModelSession, experiment: Experiment): readonly AddressEntry[] => kindOf(experiment).edited(session, experiment);

export const layOut = (context: Context, experiment: Experiment, clean: readonly number[]): Promise<LaidOut> => kindOf(experiment).layOut(context, experiment, clean);
