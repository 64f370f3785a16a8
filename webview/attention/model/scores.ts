/** What heads are scored by, how far that is, and what views read out of it. Data only. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import { headKindNames, headKinds } from '../../../src/shared/protocol/headApi.ts';
import type { DetectionPattern, HeadKind, LayerScores, ScoreProtocol } from '../../../src/shared/protocol/headApi.ts';
import { counted } from '../../../src/shared/format.ts';
import { layerKey } from './heads.ts';
import type { Head } from './heads.ts';
import { headsOf, towerOf } from './read.ts';
import type { State } from './state.ts';
import { writtenAt, writtenChoice, writtenObstacle, writtenTitle } from './written.ts';
import type { WrittenChoice } from './written.ts';

/** One of the patterns with a name, a stated distance, or one that the person drew. */
export type PatternChoice = HeadKind | 'offset' | 'drawn';

export const patternChoices: readonly PatternChoice[] = [...headKinds, 'offset', 'drawn'];

export const patternWords = (choice: PatternChoice): string => (choice === 'offset' ? 'stated distance' : choice === 'drawn' ? 'a drawn pattern' : headKindNames[choice]);

export interface ScoreChoice {
  /** What heads write is no score, but stands in its place. Null: patterns are shown as they are. */
  readonly pattern: PatternChoice | WrittenChoice | null;
  readonly text: 'repeated' | 'run';
  /** Of the stated distance. */
  readonly offset: number;
  /** Heads by score instead of by layer. */
  readonly byScore: boolean;
  /** Heads below are not shown by score. */
  readonly atLeast: number;
}

export const initialChoice: ScoreChoice = { pattern: null, text: 'repeated', offset: -2, byScore: false, atLeast: 0 };

/** What the person drew: for prompts of `size` tokens of a tower. */
export interface Drawn {
  readonly name: string;
  readonly size: number;
  readonly values: Float32Array;
  readonly tower: string;
}

export interface Scores {
  readonly serial: number;
  /** Of what they were asked for. */
  readonly key: string;
  readonly phase: 'running' | 'done' | 'failed';
  readonly done: number;
  readonly of: number;
  readonly protocol: ScoreProtocol | null;
  readonly layers: ReadonlyMap<string, LayerScores>;
  readonly notes: readonly string[];
  readonly error: ErrorData | null;
}

/** The patterns that one call asks for: all that have a name, so that another choice of them asks nothing. */
export function askedPatterns({ choice, drawn }: State): readonly DetectionPattern[] {
  const named = headKinds.map((kind): DetectionPattern => ({ kind }));
  if (choice.pattern === 'offset') return [...named, { kind: 'offset', offset: choice.offset }];
  return choice.pattern === 'drawn' && drawn ? [...named, { kind: 'drawn', ...drawn }] : named;
}

/** A drawn pattern is one of a prompt's tokens: on others it says nothing. */
export const scoredText = ({ choice }: State): ScoreChoice['text'] => (choice.pattern === 'drawn' ? 'run' : choice.text);

/** Why the chosen scores cannot be asked for yet; null where they can. */
export function scoreObstacle(state: State): string | null {
  const { choice, drawn, run } = state;
  if (choice.pattern === null) return 'No pattern is chosen';
  if (writtenChoice(state) !== null) return writtenObstacle(state);
  if (choice.pattern === 'drawn' && !drawn) return 'Draw a pattern first, or take that of an opened head';
  if (scoredText(state) === 'repeated') return null;
  if (run?.phase !== 'done' || run.id === null) return 'The prompt is scored once its run has ended';
  const length = run.towers[drawn?.tower ?? '']?.length ?? run.tokens.length;
  if (choice.pattern === 'drawn' && drawn && drawn.size !== length) return `The pattern was drawn for ${counted(drawn.size, 'token')}, and this prompt has ${length}: draw it again`;
  return null;
}

/** What the scores would be of, to tell whether those that are here are. */
export function scoreKey(state: State): string {
  const { choice, drawn, run } = state;
  return JSON.stringify([
    scoredText(state) === 'run' ? run?.serial ?? null : 'repeated', choice.pattern === 'offset' ? choice.offset : null, choice.pattern === 'drawn' && drawn ? [drawn.name, drawn.size, drawn.tower, [...drawn.values]] : null,
  ]);
}

/** The chosen pattern's place in the scores; −1 where they are of others. */
export function chosenAt({ choice, scores }: State): number {
  const { pattern } = choice;
  if (pattern === null || !scores?.protocol) return -1;
  return pattern === 'offset' || pattern === 'drawn' ? headKinds.length : scores.protocol.patterns.findIndex(({ name }) => name === pattern);
}

/** A head's score for a pattern; undefined where it has not come, NaN where nothing could be measured. */
export function scoreAt({ scores }: State, head: Head, pattern: number): number | undefined {
  const layer = scores?.layers.get(layerKey(head));
  return layer && pattern >= 0 ? layer.values[pattern * layer.heads + head.head] : undefined;
}

/** What the grid shows of a head in the place of its pattern. */
export const scoreOf = (state: State, head: Head): number | undefined => (writtenChoice(state) === null ? scoreAt(state, head, chosenAt(state)) : writtenAt(state, head));

/** Whether the grid shows scores instead of patterns. */
export const showsScores = (state: State): boolean => state.choice.pattern !== null && !state.run?.difference;

export interface Ranked {
  readonly head: Head;
  readonly score: number;
}

/** Heads with a score of at least what is asked for, the highest first; heads alike keep the model's order. What adds to a logit or takes from it is ranked by its size, and all of it. */
export function rankedHeads(state: State): readonly Ranked[] {
  const atLeast = writtenChoice(state) === null ? state.choice.atLeast : -Infinity;
  const size = (score: number): number => (writtenChoice(state) === null ? score : Math.abs(score));
  return headsOf(state).flatMap((head): readonly Ranked[] => {
    const score = scoreOf(state, head);
    return score !== undefined && score >= atLeast ? [{ head, score }] : [];
  }).sort((a, b) => size(b.score) - size(a.score));
}

/** "induction on repeated random tokens (10 rows of 2 × 50, seed 0)": what the numbers are. */
export function scoreWords(state: State): string {
  const { choice, scores } = state;
  const { pattern } = choice;
  if (pattern === null) return '';
  if (pattern === 'norm' || pattern === 'effect') return writtenTitle(state);
  const name = pattern === 'offset' ? `attention to the token at distance ${signed(choice.offset)}` : pattern === 'drawn' ? `the drawn pattern${state.drawn ? ` “${state.drawn.name}”` : ''}` : patternWords(pattern);
  const [text] = scores?.protocol?.repeated ?? [];
  const distance = scores?.protocol?.patterns[chosenAt(state)]?.offset;
  if (scoredText(state) === 'run') return `${name} on this prompt`;
  return `${name} on repeated random tokens${text ? ` (${counted(scores?.protocol?.rows ?? 0, 'row')} of 2 × ${text.period}, seed ${text.seed}${distance === null || distance === undefined ? '' : `, distance ${signed(distance)}`})` : ''}`;
}

const signed = (value: number): string => String(value).replace('-', '−');

/** The tower that a new pattern is drawn for: the opened head's, else the first. */
export const drawnTower = (state: State): string => state.head?.tower ?? headsOf(state)[0]?.tower ?? '';

/** Whether a drawn cell may be filled: attention that looks back only fits nothing that looks ahead. */
export const mayDraw = (state: State, row: number, col: number): boolean => !(towerOf(state, drawnTower(state))?.causal ?? false) || col <= row;
