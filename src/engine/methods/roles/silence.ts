/** What is lost without each head: one sweep of ablations, measured for each pair's own tokens and, as the control, for those of another pair. */
import type { Ablation } from '../../../shared/experiment/experiment.ts';
import { metrics } from '../../analysis/metrics.ts';
import type { ModelSession } from '../../session.ts';
import { prepare } from '../experiment/experiment.ts';
import { layOut } from '../experiment/kinds.ts';
import type { Pair } from '../experiment/pairs.ts';
import { derangement } from '../../../shared/experiment/random.ts';

export interface Lost {
  readonly address: string;
  /** How far the mean over the pairs of logit(target) − logit(distractor) falls. */
  readonly own: number;
  /** The same of another pair's target and distractor, in the same runs. */
  readonly other: number;
}

export interface Silenced {
  /** By pair: logit(target) − logit(distractor) of the clean run. */
  readonly clean: readonly number[];
  readonly heads: readonly Lost[];
  readonly passes: number;
}

export interface SilenceWatch {
  readonly step: (what: string) => void;
  readonly cells: (done: number, of: number) => void;
}

/** Needs two pairs or more. */
export async function silenceHeads(session: ModelSession, experiment: Ablation, watch: SilenceWatch, signal: AbortSignal): Promise<Silenced> {
  const { context, clean, cleanLogits } = await prepare(session, experiment, watch.step, signal);
  const { pairs } = context;
  const others = derangement(pairs.length, experiment.seed).map((index) => pairs[index]);
  const elsewhere = cleanLogits.map((logits, pair) => difference(logits, others[pair]));
  const { addresses, run } = await layOut(context, experiment, clean);
  const [own, other] = [new Float64Array(addresses.length), new Float64Array(addresses.length)];
  const of = pairs.length * addresses.filter((address) => address !== '').length;
  let [passes, done] = [2 * pairs.length, 0];
  await run({
    wants: () => true,
    onBase: () => undefined,
    ran: (rows) => (passes += rows),
    add: (pair, results) => {
      for (const { cell, logits: [row = new Float32Array()] } of results) {
        own[cell] = (own[cell] ?? 0) + ((clean[pair] ?? NaN) - difference(row, pairs[pair])) / pairs.length;
        other[cell] = (other[cell] ?? 0) + ((elsewhere[pair] ?? NaN) - difference(row, others[pair])) / pairs.length;
      }
      done += results.length;
      watch.cells(done, of);
    },
  });
  return { clean, passes, heads: addresses.flatMap((address, cell) => (address === '' ? [] : [{ address, own: own[cell] ?? NaN, other: other[cell] ?? NaN }])) };
}

function difference(logits: Float32Array, pair: Pair | undefined): number {
  return metrics['logit-difference'].of(logits, { target: pair?.target?.id ?? null, distractor: pair?.distractor?.id ?? null, clean: new Float64Array() });
}
