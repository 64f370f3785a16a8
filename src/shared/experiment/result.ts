/** What an experiment gives: a grid of cells for each site, filled while it runs. */
import type { TokenInfo } from '../protocol/engineApi.ts';
import type { ExperimentKind, Metric } from './experiment.ts';

export interface Axis {
  readonly name: 'layer' | 'head' | 'position' | 'destination' | 'source' | 'neuron' | 'sender' | 'scale' | 'all';
  /** What stands at each place: "0", "L4H3", " Lily". */
  readonly labels: readonly string[];
}

/** What stands along it are the tokens of a prompt. */
export const isOfTokens = ({ name }: Pick<Axis, 'name'>): boolean => name === 'position' || name === 'destination' || name === 'source';

/** A picture of cells: [rows, columns], row-major, in {@link ExperimentFrame.addresses} from `first` on. */
export interface Grid {
  /** "resid_pre", "z" …, as the experiment names it. */
  readonly site: string;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly first: number;
}

/** One pair as it was run. */
export interface PairFrame {
  readonly clean: readonly TokenInfo[];
  /** Null where the experiment runs on clean prompts alone. */
  readonly corrupted: readonly TokenInfo[] | null;
  readonly target: TokenInfo | null;
  readonly distractor: TokenInfo | null;
  /** The position whose logits are measured, from 0. */
  readonly position: number;
  /** Causal tracing: positions whose embeddings are disturbed. */
  readonly subject: readonly number[];
  /** The metric of the untouched runs. */
  readonly cleanMetric: number;
  readonly corruptedMetric: number | null;
}

/** Known before the first cell: what is run and how it is drawn. */
export interface ExperimentFrame {
  readonly kind: ExperimentKind;
  readonly metric: Metric;
  readonly direction: 'denoise' | 'noise' | null;
  readonly grids: readonly Grid[];
  /** Address of each cell; "" where a site has no such cell (a layer whose part was refused). */
  readonly addresses: readonly string[];
  readonly pairs: readonly PairFrame[];
  /** Means over the pairs. */
  readonly clean: number;
  /** Null where the experiment runs on clean prompts alone. */
  readonly corrupted: number | null;
  /** What a reader must know: equal metrics, a site that is not there, variants that were not stacked. */
  readonly notes: readonly string[];
}

/** Metrics of cells by pair, [pairs, cells] row-major; NaN where there is none yet, and where the logits hold NaN. For causal tracing, means over the samples. */
export interface CellValues {
  readonly metrics: Float64Array;
  /** 1 where the edit changed no element of any run, {@link NOT_RUN} where there was no run yet, [pairs, cells]. */
  readonly unchanged: Uint8Array;
}

export const NOT_RUN = 255;

/** Values of so many cells, none of which was run. */
export const noCells = (count: number): CellValues => ({ metrics: new Float64Array(count).fill(NaN), unchanged: new Uint8Array(count).fill(NOT_RUN) });

export const isRun = ({ unchanged }: CellValues, index: number): boolean => unchanged[index] !== NOT_RUN;

export const countRun = ({ unchanged }: CellValues): number => unchanged.reduce((count, state) => count + (state === NOT_RUN ? 0 : 1), 0);

export type ExperimentProgress =
  | { readonly kind: 'frame'; readonly frame: ExperimentFrame }
  /** New values: `indices` into [pairs, cells]. */
  | { readonly kind: 'cells'; readonly indices: Uint32Array; readonly metrics: Float64Array; readonly unchanged: Uint8Array; readonly done: number; readonly of: number }
  /** Before there are cells: what is being done. */
  | { readonly kind: 'step'; readonly what: string };

export interface ExperimentOutcome extends CellValues {
  readonly frame: ExperimentFrame;
  /** Runs of (part of) the model, each of one variant. */
  readonly passes: number;
  readonly ms: number;
}

/** One cell, read from the values. */
export interface Cell {
  readonly address: string;
  /** Mean over the pairs that were run; NaN where none was, or where one of them is NaN. */
  readonly metric: number;
  /** (metric − corrupted) / (clean − corrupted) of the means; null where the two are equal, nothing changed, or there is no corrupted run. */
  readonly recovered: number | null;
  /** Metric less the metric of the run that was edited. */
  readonly effect: number;
  /** Standard deviation over the pairs of the metric; null for one pair. */
  readonly spread: number | null;
  readonly perPair: readonly number[];
  /** Pairs that were run. */
  readonly ran: number;
  /** The edit changed no element in any pair, so the metric says nothing. */
  readonly unchanged: boolean;
}

/** The run that a cell's edit is made in: the corrupted one when the clean is patched in, else the clean one. */
export const baselineOf = (frame: Pick<ExperimentFrame, 'direction' | 'kind' | 'clean' | 'corrupted'>): number =>
  (frame.kind === 'causal-tracing' || frame.direction === 'denoise') && frame.corrupted !== null ? frame.corrupted : frame.clean;

/** Metrics nearer than this are taken for equal: dividing by their difference would show noise of single precision as an effect. */
export const EQUAL_METRICS = 1e-6;

export function cellAt({ frame, values, index }: { readonly frame: ExperimentFrame; readonly values: CellValues; readonly index: number }): Cell {
  const count = frame.addresses.length;
  const perPair = frame.pairs.map((_, pair) => values.metrics[pair * count + index] ?? NaN);
  const ran = [...perPair.keys()].filter((pair) => isRun(values, pair * count + index));
  const meanOf = (of: (pair: number) => number | null): number => (ran.length === 0 ? NaN : ran.reduce((sum, pair) => sum + (of(pair) ?? NaN), 0) / ran.length);
  const mean = meanOf((pair) => perPair[pair] ?? NaN);
  const unchanged = ran.length > 0 && ran.every((pair) => values.unchanged[pair * count + index] === 1);
  const { clean, corrupted } = frame;
  const divides = corrupted !== null && Math.abs(clean - corrupted) > EQUAL_METRICS;
  // Of the pairs that were run so far, so that a map in the making is not compared with pairs that are still to come.
  const soFar = (all: number, of: (pair: number) => number | null): number => (ran.length === perPair.length || ran.length === 0 ? all : meanOf(of));
  const cleanNow = soFar(clean, (pair) => frame.pairs[pair]?.cleanMetric ?? null);
  const corruptedNow = corrupted === null ? null : soFar(corrupted, (pair) => frame.pairs[pair]?.corruptedMetric ?? null);
  return {
    address: frame.addresses[index] ?? '',
    metric: mean,
    recovered: !divides || corruptedNow === null || unchanged ? null : (mean - corruptedNow) / (cleanNow - corruptedNow),
    effect: mean - baselineOf({ ...frame, clean: cleanNow, corrupted: corruptedNow }),
    spread: ran.length < 2 ? null : Math.sqrt(ran.reduce((sum, pair) => sum + ((perPair[pair] ?? NaN) - mean) ** 2, 0) / (ran.length - 1)),
    perPair,
    ran: ran.length,
    unchanged,
  };
}
