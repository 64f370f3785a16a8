/** What each head writes at the chosen token: how long it is, or what it adds to a token's logit; and what views read out of it. Data only. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { HeadOutputs } from '../../../src/shared/protocol/attentionApi.ts';
import type { Prediction } from '../../../src/shared/protocol/engineApi.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { tokenOf } from '../../lib/text/tokenSource.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { layerKey } from './heads.ts';
import type { Head, Place } from './heads.ts';
import { axesOf, headsOf, isMade, positionOf, runTokens } from './read.ts';
import type { State } from './state.ts';

export const writtenChoices = ['norm', 'effect'] as const;
export type WrittenChoice = (typeof writtenChoices)[number];

export const writtenWords: Readonly<Record<WrittenChoice, string>> = { norm: 'norm of what it writes, here', effect: 'adds to a token’s logit, here' };

export interface Written {
  readonly serial: number;
  /** The panel's number of the run that it is of. */
  readonly run: number;
  /** The token that was asked about; null: none, and there are norms alone. */
  readonly about: string | number | null;
  readonly phase: 'running' | 'done' | 'failed';
  readonly done: number;
  readonly of: number;
  readonly layers: ReadonlyMap<string, HeadOutputs>;
  /** Whose logit the effects are of, once that is known. */
  readonly target: Pick<Prediction, 'id' | 'text'> | null;
  readonly notes: readonly string[];
  readonly error: ErrorData | null;
}

/** Which of the two the grid is to show; null: something else. */
export const writtenChoice = ({ choice }: State): WrittenChoice | null => writtenChoices.find((one) => one === choice.pattern) ?? null;

/** The token whose logit effects are of: the one that is typed, else the one that the run predicts at its end; null where it predicts none. */
export const targetOf = ({ target, draft, run }: State): string | number | null => tokenOf(target, draft.mode) ?? run?.predicted?.id ?? null;

/** The same in words. */
export function targetWords(state: State): string {
  const target = targetOf(state);
  const known = [state.run?.predicted, state.written?.target].find((token) => token?.id === target);
  return target === null ? '' : plainToken(known?.text ?? (typeof target === 'number' ? `#${target}` : target));
}

/** Why it cannot be asked for yet; null where it can. */
export function writtenObstacle(state: State): string | null {
  const { run } = state;
  if (isMade(run)) return 'Told of one prompt by itself';
  if (run?.phase !== 'done' || run.id === null) return 'Told once the prompt’s run has ended';
  return writtenChoice(state) === 'effect' && targetOf(state) === null ? 'Type the token whose logit is looked at' : null;
}

/** Whether what has come is of this run, and of this token where it is about one: norms are the same whatever token they came with. */
export function isWrittenHere(state: State): boolean {
  const { written, run } = state;
  return written !== null && written.run === run?.serial && (writtenChoice(state) === 'norm' || written.about === targetOf(state));
}

/** The position that is told of a head: the chosen one, or the last where that is one of another tower. */
export function writtenPosition(state: State, place: Pick<Head, 'tower' | 'attention'>): number {
  // Without a selected head the chosen token is one of the prompt's, which is the first tower's.
  const tower = state.head?.tower ?? Object.keys(state.run?.towers ?? {})[0];
  return tower === place.tower ? positionOf(state) : axesOf(state, place).dest.length - 1;
}

/** Undefined where it has not come, NaN where it cannot be told. */
export function writtenAt(state: State, head: Head, choice: WrittenChoice | null = writtenChoice(state)): number | undefined {
  if (choice === null || !isWrittenHere(state)) return undefined;
  const layer = state.written?.layers.get(layerKey(head));
  if (!layer) return state.written?.phase === 'done' ? NaN : undefined;
  const values = choice === 'norm' ? layer.norms : layer.effects;
  return values?.[head.head * layer.rows + writtenPosition(state, head)] ?? NaN;
}

/** The end of the scale: the largest size of all heads at the chosen token. */
export function writtenLimit(state: State): number {
  let most = 0;
  for (const head of headsOf(state)) most = Math.max(most, Math.abs(writtenAt(state, head) ?? 0) || 0);
  return most || 1;
}

/** "what each head adds to the logit of ·park at ·Ben @2": what the numbers are. */
export function writtenTitle(state: State): string {
  const at = tokenAt(runTokens(state), positionOf(state));
  return writtenChoice(state) === 'effect' ? `what each head adds to the logit of ${targetWords(state)} at ${at}` : `norm of what each head writes at ${at}`;
}

export const isWrittenOf = (state: State, place: Place): boolean => isWrittenHere(state) && state.written?.layers.has(layerKey(place)) === true;
