/** What the attention panel shows. Data only: `reduce` makes each next state, views draw it. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { FilledInput, LayerPatterns, PositionPredictions, Prediction, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import type { ChosenImage, PanelModel } from '../../../src/shared/protocol/panelApi.ts';
import type { Refusal } from '../../../src/shared/summary.ts';
import type { ScaleName } from '../../lib/color/levels.ts';
import type { TypedPrompt } from '../../lib/text/prompt.ts';
import type { Head } from './heads.ts';
import type { HeadView } from '../pattern/headView.ts';
import type { AverageSet, Mean } from './average.ts';
import type { Beside } from './beside.ts';
import type { Compare, Difference } from './compare.ts';
import type { Writing } from './writing.ts';
import { initialChoice } from './scores.ts';
import type { Drawn, ScoreChoice, Scores } from './scores.ts';
import type { Written } from './written.ts';

export type InputValues = Readonly<Record<string, readonly number[]>>;

export type Draft = TypedPrompt;

/** What the draft becomes as the model sees it. */
export interface Typed {
  readonly key: string;
  readonly tokens: readonly TokenInfo[];
  readonly filled: readonly FilledInput[];
}

export type RunPhase = 'starting' | 'running' | 'done' | 'cancelled' | 'failed';

export interface Run {
  /** Counts the panel's own runs: the engine's ids begin anew when it is restarted. */
  readonly serial: number;
  /** The engine's id, once it has started. */
  readonly id: number | null;
  /** Of the prompt and values that it runs on. */
  readonly key: string;
  readonly phase: RunPhase;
  /** Of the prompt. */
  readonly tokens: readonly TokenInfo[];
  /** Of each tower that takes tokens, by its name. */
  readonly towers: Readonly<Record<string, readonly TokenInfo[]>>;
  readonly filled: readonly FilledInput[];
  /** What the engine leaves out because a check of it failed. */
  readonly refused: readonly Refusal[];
  /** Values of a mask input, whole: columns that are 0 are closed. */
  readonly mask: readonly number[] | undefined;
  readonly stages: number;
  readonly stage: number;
  /** Milliseconds since the start, as of the last progress. */
  readonly ms: number;
  readonly layers: ReadonlyMap<string, LayerPatterns>;
  /** Addresses that hold NaN, as the engine reports at the end. */
  readonly nan: readonly string[];
  /** The most probable token behind the last one, where the run has ended and predicts any. */
  readonly predicted?: Prediction | undefined;
  /** Where this is no run of its own but the second prompt's patterns less the first's. */
  readonly difference?: Difference;
  /** Where it is one prompt's run on the columns of both. */
  readonly beside?: Beside;
  /** Where it is the mean over several prompts. */
  readonly mean?: Mean;
}

export type Order = { readonly column: string; readonly descending: boolean };

export interface State {
  readonly model: PanelModel | null;
  readonly draft: Draft;
  /** What is run beside or in place of the prompt, in a model that takes one. */
  readonly image: ChosenImage | null;
  readonly typed: Typed | null;
  /** What is wrong with the draft. */
  readonly problem: ErrorData | null;
  /** Values that the person changed, by input name. */
  readonly edits: InputValues;
  /** The run that is shown: of two prompts that are compared one of theirs, or their difference; of a set of prompts perhaps the mean. */
  readonly run: Run | null;
  /** A second prompt; null: there is one alone. */
  readonly compare: Compare | null;
  /** A set of prompts to average over; null: there is none. */
  readonly average: AverageSet | null;
  /** Why the last run failed, where that is not the draft's fault. */
  readonly failure: ErrorData | null;
  /** A run is to be made again: `lost` with its engine until that is seen to go, then `armed` until one is ready; `armed` after a reload, and where it was asked for early. */
  readonly rerun: 'no' | 'lost' | 'armed';
  readonly head: Head | null;
  /** An address that is to be shown once its head is known; opened large, or only selected. */
  readonly wanted: { readonly address: string; readonly open: boolean } | null;
  /** An address that was asked for and is no head of this model. */
  readonly missing: string | null;
  /** The chosen token; null: the last. */
  readonly position: number | null;
  /** The source under the cursor in the large view. */
  readonly source: number;
  readonly predictions: { readonly serial: number; readonly value: PositionPredictions | null } | null;
  readonly place: 'grid' | 'head';
  readonly table: boolean;
  readonly filter: string;
  readonly order: Order | null;
  readonly scale: ScaleName;
  /** Pixels a token in the large view, in multiples of what fits. */
  readonly zoom: number;
  /** What an opened head is drawn as. */
  readonly view: HeadView;
  /** Of what the tokens are that an opened head writes. */
  readonly writing: Writing;
  /** What heads are scored by. */
  readonly choice: ScoreChoice;
  readonly scores: Scores | null;
  readonly drawn: Drawn | null;
  /** The token whose logit effects are of, as typed; empty: the one that the run predicts. */
  readonly target: string;
  readonly written: Written | null;
  readonly help: boolean;
  /** One line about what was just done: "Copied L5H3". */
  readonly said: string;
}

export const initialState: State = {
  model: null,
  draft: { mode: 'text', text: '', ids: '', decoder: '', special: true },
  image: null, typed: null, problem: null, edits: {}, run: null, compare: null, average: null, failure: null, rerun: 'no',
  head: null, wanted: null, missing: null, position: null, source: 0, predictions: null,
  place: 'grid', table: false, filter: '', order: null, scale: 'sqrt', zoom: 1, view: 'pattern', writing: 'run', choice: initialChoice, scores: null, drawn: null, target: '', written: null, help: false, said: '',
};
