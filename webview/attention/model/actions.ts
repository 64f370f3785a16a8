/** Everything that can happen to the panel's state. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { AllHeadOutputs, HeadOutputsProgress } from '../../../src/shared/protocol/attentionApi.ts';
import type { AveragedLayer, AverageProgress } from '../../../src/shared/protocol/averageApi.ts';
import type { PositionPredictions, Prompt, RunProgress, RunResult } from '../../../src/shared/protocol/engineApi.ts';
import type { HeadScores, HeadScoresProgress } from '../../../src/shared/protocol/headApi.ts';
import type { ChosenImage, PanelModel } from '../../../src/shared/protocol/panelApi.ts';
import type { ScaleName } from '../../lib/color/levels.ts';
import type { HeadView } from '../pattern/headView.ts';
import type { AverageSet } from './average.ts';
import type { Compared, Shown } from './compare.ts';
import type { Head } from './heads.ts';
import type { Drawn, ScoreChoice } from './scores.ts';
import type { Kept } from './kept.ts';
import type { Writing } from './writing.ts';
import type { Draft, Order, State, Typed } from './state.ts';

/** From the host, and what was kept of an earlier life. */
export type HostAction =
  | { readonly kind: 'restored'; readonly kept: Kept; readonly prompt: Prompt | null; readonly address: string | null; readonly open?: boolean; readonly image?: ChosenImage | null }
  | { readonly kind: 'model'; readonly model: PanelModel }
  | { readonly kind: 'reveal'; readonly address: string };

export type DraftAction =
  | { readonly kind: 'draft'; readonly change: Partial<Draft> }
  | { readonly kind: 'image'; readonly image: ChosenImage }
  | { readonly kind: 'typed'; readonly typed: Typed | null }
  | { readonly kind: 'problem'; readonly error: ErrorData | null }
  /** Values for an input; null: as the engine fills it. */
  | { readonly kind: 'edit'; readonly input: string; readonly values: readonly number[] | null };

export type RunAction =
  /** A run was asked for before the model is there. */
  | { readonly kind: 'early' }
  | { readonly kind: 'asked'; readonly serial: number; readonly key: string }
  /** The mask that the run is given, where it is not the usual one. */
  | { readonly kind: 'masked'; readonly serial: number; readonly mask: readonly number[] | undefined }
  | { readonly kind: 'progress'; readonly serial: number; readonly ms: number; readonly progress: RunProgress }
  | { readonly kind: 'ended'; readonly serial: number; readonly result: RunResult }
  | { readonly kind: 'failed'; readonly serial: number; readonly error: ErrorData }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'predicted'; readonly serial: number; readonly value: PositionPredictions | null };

export type ViewAction =
  | { readonly kind: 'select'; readonly head: Head }
  | { readonly kind: 'open'; readonly head: Head }
  | { readonly kind: 'back' }
  /** Choose a token, perhaps with the source under the cursor. */
  | { readonly kind: 'choose'; readonly position: number; readonly source?: number }
  | { readonly kind: 'table'; readonly on: boolean }
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'order'; readonly order: Order | null }
  | { readonly kind: 'scale'; readonly scale: ScaleName }
  | { readonly kind: 'zoom'; readonly zoom: number }
  | { readonly kind: 'view'; readonly view: HeadView }
  | { readonly kind: 'writing'; readonly writing: Writing }
  | { readonly kind: 'help'; readonly on: boolean }
  | { readonly kind: 'said'; readonly text: string };

export type ScoreAction =
  | { readonly kind: 'scoreBy'; readonly change: Partial<ScoreChoice> }
  | { readonly kind: 'drawn'; readonly drawn: Drawn }
  | { readonly kind: 'scoresAsked'; readonly serial: number; readonly key: string }
  | { readonly kind: 'scoresCame'; readonly serial: number; readonly progress: HeadScoresProgress }
  | { readonly kind: 'scored'; readonly serial: number; readonly result: HeadScores }
  | { readonly kind: 'scoresFailed'; readonly serial: number; readonly error: ErrorData };

export type CompareAction =
  /** Opens the second prompt, or closes it. */
  | { readonly kind: 'compare'; readonly on: boolean }
  | { readonly kind: 'secondTyped'; readonly text: string }
  /** The first prompt has been run: run the second and compare. */
  | { readonly kind: 'compareAsked' }
  | { readonly kind: 'compared'; readonly compared: Compared }
  | { readonly kind: 'compareFailed'; readonly error: ErrorData }
  | { readonly kind: 'shown'; readonly shown: Shown };

export type AverageAction =
  /** Opens the set of prompts, or closes it. */
  | { readonly kind: 'average'; readonly on: boolean }
  | { readonly kind: 'setTyped'; readonly change: Partial<Pick<AverageSet, 'text' | 'file' | 'asked'>> }
  | { readonly kind: 'averageAsked'; readonly serial: number }
  | { readonly kind: 'averageCame'; readonly serial: number; readonly ms: number; readonly set: readonly string[]; readonly progress: AverageProgress }
  /** All that was averaged before a cancel. */
  | { readonly kind: 'averageKept'; readonly serial: number; readonly prompts: number; readonly layers: readonly AveragedLayer[] }
  | { readonly kind: 'averaged'; readonly serial: number; readonly ms: number }
  | { readonly kind: 'averageFailed'; readonly serial: number; readonly error: ErrorData }
  | { readonly kind: 'averageShown'; readonly shown: AverageSet['shown'] };

export type WrittenAction =
  /** The token whose logit effects are of, as typed. */
  | { readonly kind: 'target'; readonly text: string }
  | { readonly kind: 'writtenAsked'; readonly serial: number; readonly run: number; readonly about: string | number | null }
  | { readonly kind: 'writtenCame'; readonly serial: number; readonly progress: HeadOutputsProgress }
  | { readonly kind: 'written'; readonly serial: number; readonly result: AllHeadOutputs }
  | { readonly kind: 'writtenFailed'; readonly serial: number; readonly error: ErrorData };

export type Action = AverageAction | CompareAction | HostAction | DraftAction | RunAction | ViewAction | ScoreAction | WrittenAction;

/** A part of the reducer: the state after an action of its kind. */
export type Reduce<A> = (state: State, action: A) => State;
