/** The cells of one experiment as they arrive, so that neither a cancel nor the death of an engine loses them. Pure. */
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { countRun, isRun, noCells } from '../../shared/experiment/result.ts';
import type { CellValues, ExperimentFrame, ExperimentOutcome, ExperimentProgress } from '../../shared/experiment/result.ts';

/** Experiments that are the same run have the same key: what is expected of a result, and where the model lies, do not change it. */
export const keyOf = (experiment: Experiment): string => JSON.stringify({ ...experiment, expect: [], model: '' }, (_, value: unknown) => sorted(value));

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export class CellStore {
  private frame: ExperimentFrame | undefined;
  private values = noCells(0);
  private passes = 0;
  private ms = 0;

  /** With the cells of a former run. */
  static of(outcome: ExperimentOutcome): CellStore {
    const store = new CellStore();
    store.finish(outcome);
    return store;
  }

  /** What an engine that goes on need not run again; undefined where there is nothing yet. */
  get known(): CellValues | undefined {
    return countRun(this.values) > 0 ? copyOf(this.values) : undefined;
  }

  /** What there is so far; null before there is a frame. */
  get outcome(): ExperimentOutcome | null {
    return this.frame ? { frame: this.frame, ...copyOf(this.values), passes: this.passes, ms: this.ms } : null;
  }

  /** How many cells are still to be run, over all pairs. */
  get missing(): number {
    const { frame, values } = this;
    if (!frame) return 0;
    const there = frame.addresses.map((address) => address !== '');
    return values.metrics.reduce((count, _, index) => count + (!isRun(values, index) && there[index % there.length] ? 1 : 0), 0);
  }

  get isComplete(): boolean {
    return this.frame !== undefined && this.missing === 0;
  }

  take(progress: ExperimentProgress): void {
    if (progress.kind === 'frame') this.begin(progress.frame);
    if (progress.kind !== 'cells') return;
    progress.indices.forEach((index, at) => {
      this.values.metrics[index] = progress.metrics[at] ?? NaN;
      this.values.unchanged[index] = progress.unchanged[at] ?? 0;
    });
  }

  finish({ frame, metrics, unchanged, passes, ms }: ExperimentOutcome): void {
    this.frame = frame;
    this.values = copyOf({ metrics, unchanged });
    [this.passes, this.ms] = [passes, ms];
  }

  /** All that is there, as one progress. */
  get cells(): Extract<ExperimentProgress, { readonly kind: 'cells' }> {
    const { metrics, unchanged } = this.values;
    const indices = Uint32Array.from([...metrics.keys()].filter((index) => isRun(this.values, index)));
    return {
      kind: 'cells', indices, metrics: Float64Array.from(indices, (index) => metrics[index] ?? NaN), unchanged: Uint8Array.from(indices, (index) => unchanged[index] ?? 0),
      done: indices.length, of: metrics.length,
    };
  }

  /** A frame of the same cells, from an engine that goes on, changes none of them. */
  private begin(frame: ExperimentFrame): void {
    const size = frame.pairs.length * frame.addresses.length;
    const same = this.frame !== undefined && this.values.metrics.length === size && frame.addresses.every((address, index) => address === this.frame?.addresses[index]);
    this.frame = frame;
    if (same) return;
    this.values = noCells(size);
  }
}

const copyOf = ({ metrics, unchanged }: CellValues): CellValues => ({ metrics: Float64Array.from(metrics), unchanged: Uint8Array.from(unchanged) });
