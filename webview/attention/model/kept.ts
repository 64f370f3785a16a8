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
import type { PromptSet } from '../../../src/shared/protocol/panelApi.ts';
import { ownRun } from './read.ts';
import { writings } from './writing.ts';
import type { Writing } from './writing.ts';
import { writtenChoices } from './written.ts';
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
  readonly writing?: Writing;
  readonly target?: string;
  /** A second prompt, and which of the pictures was shown. */
  readonly compare?: { readonly text: string; readonly shown: Shown };
  /** A set of prompts, and whether its mean was shown. */
  readonly average?: { readonly text: string; readonly file: PromptSet | null; readonly shown: boolean };
  /** Whether there was a run to make again. */
  readonly ran?: boolean;
}

export function keep(state: State): Kept {
  const { draft, edits, place, table, scale, choice, view, writing, target } = state;
  const address = state.head ? addressOf(state.head) : state.wanted?.address ?? null;
  const { text, shown } = state.compare ?? {};
  return {
    // Until both have run again there are the first prompt's tokens alone.
    draft, edits, position: (state.compare ? showRun(state, 'first') : state).position, place, table, scale, choice, view, writing, target, ran: ownRun(state) !== null,
    ...keptSet(state),
    ...(text === undefined || shown === undefined ? {} : { compare: { text, shown } }), ...(address === null ? {} : { address }),
  };
}

/** Characters of a set that are kept at most: the editor writes them down with every change. */
const MOST_KEPT = 200_000;

function keptSet({ average }: State): Pick<Kept, 'average'> {
  if (!average) return {};
  const { text, file, shown, asked } = average;
  const isSmall = (file?.prompts ?? []).reduce((sum, prompt) => sum + prompt.length, text.length) <= MOST_KEPT;
  return isSmall ? { average: { text, file, shown: asked || shown === 'mean' } } : {};
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
    pattern: [...patternChoices, ...writtenChoices].find((one) => one === pattern && one !== 'drawn') ?? null,
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

function readSet(value: unknown): Kept['average'] {
  if (!isObject(value) || typeof value['text'] !== 'string') return undefined;
  const { text, file } = value;
  const prompts = isObject(file) && Array.isArray(file['prompts']) && file['prompts'].every((one) => typeof one === 'string') ? (file['prompts'] as readonly string[]) : null;
  const whole = (number: unknown): number => (Number.isSafeInteger(number) ? (number as number) : 0);
  return { text, shown: value['shown'] === true, file: isObject(file) && prompts && typeof file['name'] === 'string' ? { name: file['name'], prompts, unread: whole(file['unread']), beyond: whole(file['beyond']) } : null };
}

export function readKept(state: Fields): Kept {
  const draft = readDraft(state['draft']);
  const { address, position, scale } = state;
  const compare = readCompare(state['compare']);
  const average = readSet(state['average']);
  return {
    ...(draft ? { draft } : {}),
    ...(compare ? { compare } : {}),
    ...(average ? { average } : {}),
    edits: readEdits(state['edits']),
    ...(typeof address === 'string' ? { address } : {}),
    position: Number.isSafeInteger(position) ? (position as number) : null,
    place: state['place'] === 'head' ? 'head' : 'grid',
    table: state['table'] === true,
    scale: typeof scale === 'string' && Object.hasOwn(scaleWords, scale) ? (scale as ScaleName) : initialState.scale,
    view: headViews.find((one) => one === state['view']) ?? initialState.view,
    writing: writings.find((one) => one === state['writing']) ?? initialState.writing,
    ...(typeof state['target'] === 'string' ? { target: state['target'] } : {}),
    choice: readChoice(state['choice']),
    ran: state['ran'] === true,
  };
}
