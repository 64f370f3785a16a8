/** What the lens panel shows. Data only: `reduce` makes each next state, views draw it. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { Prompt } from '../../../src/shared/protocol/engineApi.ts';
import type { Attribution, AttributionProgress, LayerAdded, Lens, LensFrame, LensProgress, LensRow } from '../../../src/shared/protocol/lensApi.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';

/** What is typed: the prompt in both modes, and the tokens that are asked about. */
export interface Draft {
  readonly mode: 'text' | 'ids';
  readonly text: string;
  readonly ids: string;
  readonly special: boolean;
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
  /** Position that was asked for. */
  readonly position: number;
  readonly phase: Phase;
  readonly done: number;
  readonly of: number;
  readonly value: Attribution | null;
  readonly error: ErrorData | null;
}

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
  /** A run is to be made as soon as the model is there. */
  readonly armed: boolean;
  readonly help: boolean;
  readonly said: string;
}

export const initialState: State = {
  model: null, draft: { mode: 'text', text: '', ids: '', special: true, target: '', distractor: '' }, problem: null, run: null, failure: null, parts: null,
  measure: 'probability', grouping: 'layer', mid: false, cell: null, armed: false, help: false, said: '',
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
  | { readonly kind: 'partsAsked'; readonly serial: number; readonly position: number }
  | { readonly kind: 'partsProgress'; readonly serial: number; readonly progress: AttributionProgress }
  | { readonly kind: 'partsCame'; readonly serial: number; readonly value: Attribution }
  | { readonly kind: 'partsFailed'; readonly serial: number; readonly error: ErrorData }
  | { readonly kind: 'select'; readonly cell: Cell }
  | { readonly kind: 'measure'; readonly measure: Measure }
  | { readonly kind: 'grouping'; readonly grouping: Grouping }
  | { readonly kind: 'mid'; readonly on: boolean }
  | { readonly kind: 'help'; readonly on: boolean }
  | { readonly kind: 'said'; readonly text: string };
