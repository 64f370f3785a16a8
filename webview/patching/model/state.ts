/** What the patching panel shows. Data only: `reduce` makes each next state, views draw it. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { Experiment, TowerName } from '../../../src/shared/experiment/experiment.ts';
import type { Cell, CellValues, ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import type { PatchedRun } from '../../../src/shared/protocol/experimentApi.ts';
import type { HistoryEntry, PanelModel, PatchingState } from '../../../src/shared/protocol/panelApi.ts';
import { emptyForm } from './form.ts';
import type { Form, PairForm } from './form.ts';

/** A prompt or a token as the model sees it, or why it cannot be seen. */
export type Typed = { readonly tokens: readonly TokenInfo[] } | { readonly error: ErrorData };

/** Two prompts of one tower. What is empty, or not known yet, is null. */
export interface TypedPrompts {
  readonly clean: Typed | null;
  readonly corrupted: Typed | null;
}

/** Of the pair that is shown. */
export interface TypedPair extends TypedPrompts {
  /** What the tokens are of; null: nothing has been asked yet. */
  readonly of: { readonly pair: PairForm; readonly special: boolean } | null;
  readonly further: Readonly<Partial<Record<TowerName, TypedPrompts>>>;
  readonly target: Typed | null;
  readonly distractor: Typed | null;
}

export type RunPhase = 'starting' | 'running' | 'done' | 'cancelled' | 'failed';

/** What a cell's colour shows. */
export type Measure = 'recovered' | 'effect' | 'metric';

/** A sweep that runs, ran, or is kept by the host. */
export interface Run {
  /** Counts the panel's own runs. */
  readonly serial: number;
  /** As it was asked for. */
  readonly experiment: Experiment;
  readonly phase: RunPhase;
  /** What is done before there are cells, or an engine that is started again. */
  readonly step: string;
  readonly frame: ExperimentFrame | null;
  readonly values: CellValues;
  /** By cell; null where the model has none. */
  readonly cells: readonly (Cell | null)[];
  readonly done: number;
  readonly of: number;
  /** When the first cells came, and how many: from there on the rate is counted, since cells of a run before cost nothing. */
  readonly first: { readonly done: number; readonly ms: number } | null;
  /** Milliseconds since the start, as of the last progress; 0 where nobody waited. */
  readonly ms: number;
  readonly passes: number;
}

/** One cell's patched run beside the two that it was made from. */
export interface Inspected {
  /** Of the run, the cell and the pair. */
  readonly key: string;
  readonly run: PatchedRun | null;
  readonly error: ErrorData | null;
}

export type Order = { readonly column: string; readonly descending: boolean };

export interface State {
  readonly model: PanelModel | null;
  readonly form: Form;
  readonly source: PatchingState['source'];
  /** The pair that is shown, from 0. */
  readonly pair: number;
  readonly typed: TypedPair;
  readonly run: Run | null;
  /** Why the last run failed. */
  readonly failure: ErrorData | null;
  /** Problems are said of fields that nobody has filled yet, since somebody wanted to run. */
  readonly wanted: boolean;
  /** What is run as soon as the model is there, and the tokens that decide whether it can be run: all cells, or those that are missing. */
  readonly early: 'all' | 'rest' | null;
  /** Index of the selected cell. */
  readonly cell: number | null;
  /** The selected cell is shown in full, */
  readonly inspecting: boolean;
  /** of this pair, */
  readonly inspectedPair: number;
  /** as far as it has come. */
  readonly inspected: Inspected | null;
  /** Null: what the experiment is about. */
  readonly measure: Measure | null;
  readonly table: boolean;
  readonly filter: string;
  readonly order: Order | null;
  /** Runs that the host keeps, the latest first, and those that are ticked, by their ids. */
  readonly history: readonly HistoryEntry[];
  readonly picked: readonly string[];
  readonly help: boolean;
  /** One line about what was just done: "Copied L5H3". */
  readonly said: string;
}

export const untyped: TypedPair = { of: null, clean: null, corrupted: null, further: {}, target: null, distractor: null };

export const initialState: State = {
  model: null, form: emptyForm, source: null, pair: 0, typed: untyped, run: null, failure: null, wanted: false, early: null,
  cell: null, inspecting: false, inspectedPair: 0, inspected: null, measure: null, table: false, filter: '', order: null, history: [], picked: [], help: false, said: '',
};
