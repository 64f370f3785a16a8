/** What each cell of an experiment costs: measured for each pair's own tokens and, as the control, for those of another pair in the same runs. */
import type { Ablation, PathPatching } from '../../../shared/experiment/experiment.ts';
import { metrics } from '../../analysis/metrics.ts';
import type { ModelSession } from '../../session.ts';
import { prepare } from '../experiment/experiment.ts';
import { layOut } from '../experiment/kinds.ts';
import type { Pair } from '../experiment/pairs.ts';
import { derangement } from '../../../shared/experiment/random.ts';

export interface Lost {
  readonly address: string;
  /** How far the mean over the pairs of logit(target) − logit(distractor) falls, from the clean run's. */
  readonly own: number;
  /** The same of another pair's target and distractor. */
  readonly other: number;
}

export interface Losses {
  /** By pair: logit(target) − logit(distractor) of the clean run. */
  readonly clean: readonly number[];
  readonly heads: readonly Lost[];
  readonly passes: number;
}

export interface LossWatch {
  readonly step: (what: string) => void;
  readonly cells: (done: number, of: number) => void;
}

/** Of an experiment whose cells are edits of the clean runs. Needs two pairs or more. */
export async function lossesOf(session: ModelSession, experiment: Ablation | (PathPatching & { readonly direction: 'noise' }), watch: LossWatch, signal: AbortSignal): Promise<Losses> {
  const { context, clean, cleanLogits } = await prepare(session, experiment, watch.step, signal);
  const { addresses, run } = await layOut(context, experiment, clean);
  const table = new LossTable(context.pairs, cleanLogits, addresses.length, watch);
  let passes = 2 * context.pairs.length;
  await run({ wants: () => true, onBase: () => undefined, ran: (rows) => (passes += rows), add: (pair, results) => table.add(pair, results) });
  return { clean, passes, heads: addresses.flatMap((address, cell) => (address === '' ? [] : [{ address, ...table.of(cell) }])) };
}

/** Means over the pairs of what is lost, filled cell by cell. */
export class LossTable {
  private readonly pairs: readonly Pair[];
  private readonly others: readonly (Pair | undefined)[];
  private readonly before: readonly Float32Array[];
  private readonly own: Float64Array;
  private readonly other: Float64Array;
  private readonly watch: LossWatch;
  private done = 0;

  /** `before`: the logits that are fallen from, by pair. */
  constructor(pairs: readonly Pair[], before: readonly Float32Array[], cells: number, watch: LossWatch) {
    this.pairs = pairs;
    this.others = othersOf(pairs);
    this.before = before;
    [this.own, this.other] = [new Float64Array(cells), new Float64Array(cells)];
    this.watch = watch;
  }

  add(pair: number, results: readonly { readonly cell: number; readonly logits: readonly Float32Array[] }[]): void {
    const before = this.before[pair];
    for (const { cell, logits: [after] } of results) {
      this.own[cell] = (this.own[cell] ?? 0) + fall(before, after, this.pairs[pair]) / this.pairs.length;
      this.other[cell] = (this.other[cell] ?? 0) + fall(before, after, this.others[pair]) / this.pairs.length;
    }
    this.done += results.length;
    this.watch.cells(this.done, this.pairs.length * this.own.length);
  }

  of(cell: number): Pick<Lost, 'own' | 'other'> {
    return { own: this.own[cell] ?? NaN, other: this.other[cell] ?? NaN };
  }
}

/** For each pair another one, if possible with other tokens. */
export function othersOf(pairs: readonly Pair[]): readonly (Pair | undefined)[] {
  const round = derangement(pairs.length, 0);
  return pairs.map((pair, index) => {
    const own = new Set([pair.target?.id, pair.distractor?.id]);
    let next = round[index] ?? 0;
    for (let tried = 1; tried < pairs.length - 1 && (own.has(pairs[next]?.target?.id) || own.has(pairs[next]?.distractor?.id)); tried++) next = round[next] ?? 0;
    return pairs[next];
  });
}

function fall(before: Float32Array | undefined, after: Float32Array | undefined, pair: Pair | undefined): number {
  const of = (logits: Float32Array | undefined): number =>
    metrics['logit-difference'].of(logits ?? new Float32Array(), { target: pair?.target?.id ?? null, distractor: pair?.distractor?.id ?? null, clean: new Float64Array() });
  return of(before) - of(after);
}
