/** What outlives a reload, read with care: it may stem from another version. */
import { scaleWords } from '../../lib/color/levels.ts';
import type { ScaleName } from '../../lib/color/levels.ts';
import { pictures } from './compare.ts';
import type { Shown } from './compare.ts';
import { addressOf } from './heads.ts';
import { headViews } from '../pattern/headView.ts';
import type { HeadView } from '../pattern/headView.ts';
import { initialChoice, patternChoices } from './scores.ts';
import type { ScoreChoice } from './scores.ts';
import { showRun } from './reduceCompare.ts';
import { initialState } from './state.ts';
import type { State } from './state.ts';

export interface Kept {
  readonly draft?: State['draft'];
  readonly edits?: State['edits'];
  readonly address?: string;
  readonly position?: number | null;
  readonly place?: State['place'];
  readonly table?: boolean;
  readonly scale?: ScaleName;
  readonly choice?: ScoreChoice;
  readonly view?: HeadView;
  /** A second prompt, and which of the pictures was shown. */
  readonly compare?: { readonly text: string; readonly shown: Shown };
  /** Whether there was a run to make again. */
  readonly ran?: boolean;
}

export function keep(state: State): Kept {
  const { draft, edits, place, table, scale, choice, view } = state;
  const address = state.head ? addressOf(state.head) : state.wanted?.address ?? null;
  const { text, shown } = state.compare ?? {};
  return {
    // Until both have run again there are the first prompt's tokens alone.
    draft, edits, position: (state.compare ? showRun(state, 'first') : state).position, place, table, scale, choice, view, ran: state.run !== null,
    ...(text === undefined || shown === undefined ? {} : { compare: { text, shown } }), ...(address === null ? {} : { address }),
  };
}

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function readDraft(value: unknown): State['draft'] | undefined {
  if (!isObject(value) || typeof value['text'] !== 'string' || typeof value['ids'] !== 'string') return undefined;
  return { mode: value['mode'] === 'ids' ? 'ids' : 'text', text: value['text'], ids: value['ids'], decoder: typeof value['decoder'] === 'string' ? value['decoder'] : '', special: value['special'] !== false };
}

function readEdits(value: unknown): State['edits'] {
  if (!isObject(value)) return {};
  const isNumbers = (entry: readonly [string, unknown]): entry is [string, number[]] => Array.isArray(entry[1]) && entry[1].every((number) => typeof number === 'number');
  return Object.fromEntries(Object.entries(value).filter(isNumbers));
}

function readChoice(value: unknown): ScoreChoice {
  if (!isObject(value)) return initialChoice;
  const { pattern, text, offset, byScore, atLeast } = value;
  return {
    // What was drawn is not kept.
    pattern: patternChoices.find((one) => one === pattern && one !== 'drawn') ?? null,
    text: text === 'run' ? 'run' : 'repeated',
    offset: Number.isSafeInteger(offset) ? (offset as number) : initialChoice.offset,
    byScore: byScore === true,
    atLeast: typeof atLeast === 'number' && atLeast >= 0 && atLeast <= 1 ? atLeast : 0,
  };
}

function readCompare(value: unknown): Kept['compare'] {
  if (!isObject(value) || typeof value['text'] !== 'string') return undefined;
  return { text: value['text'], shown: pictures.find((one) => one === value['shown']) ?? 'difference' };
}

export function readKept(state: Fields): Kept {
  const draft = readDraft(state['draft']);
  const { address, position, scale } = state;
  const compare = readCompare(state['compare']);
  return {
    ...(draft ? { draft } : {}),
    ...(compare ? { compare } : {}),
    edits: readEdits(state['edits']),
    ...(typeof address === 'string' ? { address } : {}),
    position: Number.isSafeInteger(position) ? (position as number) : null,
    place: state['place'] === 'head' ? 'head' : 'grid',
    table: state['table'] === true,
    scale: typeof scale === 'string' && Object.hasOwn(scaleWords, scale) ? (scale as ScaleName) : initialState.scale,
    view: headViews.find((one) => one === state['view']) ?? initialState.view,
    choice: readChoice(state['choice']),
    ran: state['ran'] === true,
  };
}
