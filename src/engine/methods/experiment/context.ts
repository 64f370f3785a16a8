/** What every kind of experiment works with. */
import type { Experiment } from '../../../shared/experiment/experiment.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { Program } from '../../program/program.ts';
import type { ModelSession } from '../../session.ts';
import type { Base } from './base.ts';
import type { Grid } from '../../../shared/experiment/result.ts';
import type { Pair } from './pairs.ts';
import type { Runs } from './runs.ts';

export interface Context {
  readonly session: ModelSession;
  readonly program: Program;
  readonly pairs: readonly Pair[];
  /** Where anything of the experiment is edited or read. */
  readonly edited: readonly AddressEntry[];
  /** Its tensors: every run has these cuts, so that all use the same sessions and none ends another's. */
  readonly cuts: readonly Value[];
  /** Untouched runs, which keep whatever the experiment needs of them. */
  readonly runs: Runs;
  /** Tensors to keep of each edited run as well. */
  readonly taps: readonly Value[];
  readonly signal: AbortSignal;
  /** The metric of a pair from logits at its position; the mean over several. */
  readonly measure: (pair: number, logits: readonly Float32Array[]) => number;
  /** Tells what is being done before there are cells. */
  readonly step: (what: string) => void;
}

export interface CellResult {
  readonly cell: number;
  readonly logits: readonly Float32Array[];
  readonly changed: boolean;
  /** Of {@link Context.taps}, those that the run made anew. */
  readonly taps: ReadonlyMap<Value, Tensor>;
}

/** Where cells go as they are made. */
export interface Sink {
  /** Whether a pair's cell is to be made: it is none that a run before has. */
  readonly wants: (pair: number, cell: number) => boolean;
  readonly add: (pair: number, results: readonly CellResult[]) => void;
  /** The run whose variants come next. */
  readonly onBase: (base: Base) => void;
  /** Counts a run of so many rows. */
  readonly ran: (rows: number) => void;
}

/** An experiment that is laid out: its cells are known, and nothing was edited yet. */
export interface LaidOut {
  readonly grids: readonly Grid[];
  readonly addresses: readonly string[];
  readonly notes: readonly string[];
  /** Metrics of the untouched runs, by pair. */
  readonly clean: readonly number[];
  readonly corrupted: readonly number[] | null;
  /** By pair, causal tracing: positions that are disturbed. */
  readonly subjects?: readonly (readonly number[])[];
  readonly run: (sink: Sink) => Promise<void>;
}

export interface Kind<E extends Experiment> {
  /** What is edited or read inside blocks. Throws where the model does not have it. */
  readonly edited: (session: ModelSession, experiment: E) => readonly AddressEntry[];
  readonly layOut: (context: Context, experiment: E, clean: readonly number[]) => Promise<LaidOut>;
}
