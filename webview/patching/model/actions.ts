/** Everything that can happen to the panel's state. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { Experiment } from '../../../src/shared/experiment/experiment.ts';
import type { ExperimentOutcome, ExperimentProgress } from '../../../src/shared/experiment/result.ts';
import type { HistoryEntry, PanelModel, PatchingState } from '../../../src/shared/protocol/panelApi.ts';
import type { Form, PairForm } from './form.ts';
import type { Kept } from './kept.ts';
import type { Inspected, Measure, Order, State, TypedPair } from './state.ts';

export type HostAction =
  | { readonly kind: 'model'; readonly model: PanelModel }
  /** What was kept of an earlier life, and what the host says is to be shown. */
  | { readonly kind: 'restored'; readonly kept: Kept; readonly shown: PatchingState }
  | { readonly kind: 'shown'; readonly shown: PatchingState }
  | { readonly kind: 'history'; readonly history: readonly HistoryEntry[] };

export type FormAction =
  | { readonly kind: 'form'; readonly change: Partial<Form> }
  /** Of the pair that is shown. */
  | { readonly kind: 'pair'; readonly change: Partial<PairForm> }
  | { readonly kind: 'showPair'; readonly pair: number }
  | { readonly kind: 'addPair' }
  | { readonly kind: 'removePair' }
  | { readonly kind: 'typed'; readonly typed: TypedPair };

export type RunAction =
  /** A run was asked for: what is missing is said, and where the model or tokens are on their way, it runs when they are there. */
  | { readonly kind: 'wanted'; readonly early: State['early'] }
  | { readonly kind: 'asked'; readonly serial: number; readonly experiment: Experiment; readonly resume: boolean }
  | { readonly kind: 'progress'; readonly serial: number; readonly ms: number; readonly steps: readonly ExperimentProgress[] }
  | { readonly kind: 'ended'; readonly serial: number; readonly outcome: ExperimentOutcome }
  | { readonly kind: 'failed'; readonly serial: number; readonly error: ErrorData }
  | { readonly kind: 'cancelled' };

export type ViewAction =
  | { readonly kind: 'select'; readonly cell: number | null }
  /** Shows a cell in full; null: no cell any more. */
  | { readonly kind: 'inspect'; readonly cell: number | null }
  | { readonly kind: 'inspectPair'; readonly pair: number }
  | { readonly kind: 'inspected'; readonly inspected: Inspected }
  | { readonly kind: 'measure'; readonly measure: Measure }
  | { readonly kind: 'table'; readonly on: boolean }
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'order'; readonly order: Order | null }
  /** Ticks a run of the history; of three, the first one is no longer ticked. */
  | { readonly kind: 'pick'; readonly id: string; readonly on: boolean }
  | { readonly kind: 'help'; readonly on: boolean }
  | { readonly kind: 'said'; readonly text: string };

export type Action = HostAction | FormAction | RunAction | ViewAction;

/** A part of the reducer: the state after an action of its kind. */
export type Reduce<A> = (state: State, action: A) => State;
