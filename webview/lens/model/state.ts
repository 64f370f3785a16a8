/** What the lens panel shows. Data only: `reduce` makes each next state, views draw it. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { Prompt } from '../../../src/shared/protocol/engineApi.ts';
import type { Attribution, AttributionProgress, LayerAdded, Lens, LensFrame, LensProgress, LensRow } from '../../../src/shared/protocol/lensApi.ts';
import type { TypedPrompt } from '../../lib/text/prompt.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';

/** What is typed: the prompt, and the tokens that are asked about. */
export interface Draft extends TypedPrompt {
  readonly target: string;
  readonly distractor: string;
}

/** What the cells are tinted by, beside the token that they show. */
export const measures = ['probability', 'target', 'rank', 'entropy', 'norm'] as const;
export type Measure = (typeof measures)[number];

export const groupings = ['layer', 'kind', 'part'] as const;
export type Grouping = (typeof groupings)[number];

export type Phase = 'running' | 'done' | 'cancelled' | 'failed';

export interface LensRun {
  readonly serial: number;
  readonly phase: Phase;
  readonly frame: LensFrame | null;
  /** By state. */
  readonly rows: ReadonlyMap<number, LensRow>;
  /** By layer. */
  readonly added: ReadonlyMap<number, LayerAdded>;
  readonly stage: number;
  readonly stages: number;
  readonly ms: number;
}

export interface Parts {
  readonly serial: number;
  /** That were asked for. */
  readonly positions: readonly number[];
  readonly phase: Phase;
  readonly done: number;
  readonly of: number;
  readonly value: Attribution | null;
  readonly error: ErrorData | null;
}

/** How many columns a choice takes. */
export type Extent = 'one' | 'stretch' | 'other';

/** A state at a position: indices into the frame's. */
export interface Cell {
  readonly state: number;
  readonly column: number;
}

export interface State {
  readonly model: PanelModel | null;
  readonly draft: Draft;
  /** What is wrong with what is typed. */
  readonly problem: ErrorData | null;
  readonly run: LensRun | null;
  /** Why the last run failed, where that is not the draft's fault. */
  readonly failure: ErrorData | null;
  readonly parts: Parts | null;
  readonly measure: Measure;
  readonly grouping: Grouping;
  readonly mid: boolean;
  readonly cell: Cell | null;
  /** Columns that the logit is taken apart at, ascending; empty: the cell's alone. */
  readonly columns: readonly number[];
  /** Where a stretch of columns begins: the one that was chosen last without one. */
  readonly anchor: number;
  /** A run is to be made as soon as the model is there. */
  readonly armed: boolean;
  readonly help: boolean;
  readonly said: string;
}

export const initialState: State = {
  model: null, draft: { mode: 'text', text: '', ids: '', decoder: '', special: true, target: '', distractor: '' }, problem: null, run: null, failure: null, parts: null,
  measure: 'probability', grouping: 'layer', mid: false, cell: null, columns: [], anchor: 0, armed: false, help: false, said: '',
};

export interface Kept {
  readonly draft?: Draft;
  readonly measure?: Measure;
  readonly grouping?: Grouping;
  readonly mid?: boolean;
  readonly cell?: Cell | null;
  readonly ran?: boolean;
}

export type Action =
  | { readonly kind: 'restored'; readonly kept: Kept; readonly prompt: Prompt | null }
  | { readonly kind: 'model'; readonly model: PanelModel }
  | { readonly kind: 'draft'; readonly change: Partial<Draft> }
  | { readonly kind: 'problem'; readonly error: ErrorData | null }
  | { readonly kind: 'armed' }
  | { readonly kind: 'asked'; readonly serial: number }
  | { readonly kind: 'progress'; readonly serial: number; readonly ms: number; readonly progress: LensProgress }
  | { readonly kind: 'ended'; readonly serial: number; readonly lens: Lens }
  | { readonly kind: 'failed'; readonly serial: number; readonly error: ErrorData }
  | { readonly kind: 'partsAsked'; readonly serial: number; readonly positions: readonly number[] }
  | { readonly kind: 'partsProgress'; readonly serial: number; readonly progress: AttributionProgress }
  | { readonly kind: 'partsCame'; readonly serial: number; readonly value: Attribution }
  | { readonly kind: 'partsFailed'; readonly serial: number; readonly error: ErrorData }
  /** `to`: the cell's column alone; the stretch up to it; or with what is chosen, or without it. */
  | { readonly kind: 'select'; readonly cell: Cell; readonly to?: Extent }
  | { readonly kind: 'measure'; readonly measure: Measure }
  | { readonly kind: 'grouping'; readonly grouping: Grouping }
  | { readonly kind: 'mid'; readonly on: boolean }
  | { readonly kind: 'help'; readonly on: boolean }
  | { readonly kind: 'said'; readonly text: string };
