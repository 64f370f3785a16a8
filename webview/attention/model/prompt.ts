/** From what is typed to what the engine takes. */
import type { FilledInput, Prompt } from '../../../src/shared/protocol/engineApi.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { ModelSummary } from '../../../src/shared/summary.ts';
import { parseIds } from '../../lib/text/ids.ts';
import type { Draft, InputValues, State } from './state.ts';

/** What a run is asked with: the prompt, and the decoder's where there are two. */
export interface Asked {
  readonly prompt: Prompt;
  readonly prompts?: Readonly<Record<string, Prompt>>;
  /** The id of a chosen image. */
  readonly image?: string;
}

export type Read = ({ readonly ok: true } & Asked) | { readonly ok: false; readonly error: ErrorData };

/** A decoder's prompt that is left empty is not given: it starts as its configuration says. */
export function promptOf(draft: Draft, hasDecoder = false): Read {
  const first = readPrompt(draft, draft.mode === 'text' ? draft.text : draft.ids);
  if (!first.ok || !hasDecoder || draft.decoder.trim() === '') return first;
  const second = readPrompt(draft, draft.decoder);
  return second.ok ? { ...first, prompts: { dec: second.prompt } } : second;
}

export const takesImage = (summary: ModelSummary | null): boolean => summary?.inputs.some(({ role }) => role === 'pixels') ?? false;
/** Until the model is there it is thought to. */
export const takesTokens = (summary: ModelSummary | null): boolean => summary?.inputs.some(({ role }) => role === 'ids') ?? true;

const noImage = new CogscopeError('usage', 'No image is chosen', 'Choose one').data;

/** All that a run takes: the prompt, and the image of a model that takes one. */
export function askedOf(summary: ModelSummary | null, { draft, image }: Pick<State, 'draft' | 'image'>, hasDecoder: boolean): Read {
  const read: Read = takesTokens(summary) ? promptOf(draft, hasDecoder) : { ok: true, prompt: { kind: 'ids', ids: [] } };
  if (!read.ok || !takesImage(summary)) return read;
  return image ? { ...read, image: image.id } : { ok: false, error: noImage };
}

function readPrompt({ mode, special }: Draft, text: string): Read {
  if (mode === 'text') return { ok: true, prompt: { kind: 'text', text, special } };
  const parsed = parseIds(text);
  return parsed.ok ? { ok: true, prompt: { kind: 'ids', ids: parsed.values } } : parsed;
}

export const isEmpty = (draft: Draft): boolean => (draft.mode === 'text' ? draft.text === '' : draft.ids.trim() === '');

/** A draft that gives this prompt; the other mode's text is kept. */
export function draftOf(prompt: Prompt, before: Draft): Draft {
  return prompt.kind === 'text'
    ? { ...before, mode: 'text', text: prompt.text, special: prompt.special }
    : { ...before, mode: 'ids', ids: prompt.ids.join(', ') };
}

/** The same for the same prompt and values. */
export const promptKey = ({ prompt, prompts, image }: Asked, edits: InputValues): string => JSON.stringify([prompt, edits, ...(prompts ? [prompts] : []), ...(image === undefined ? [] : [image])]);

export const EXAMPLE_TEXT = 'When Mary and John went to the store, John gave a drink to';
const EXAMPLE_LENGTH = 16;
const EXAMPLE_PERIOD = 8;

/** A prompt that repeats itself, so that heads have something to find. */
export function exampleDraft(summary: ModelSummary, before: Draft): Draft {
  if (before.mode === 'text') return { ...before, text: EXAMPLE_TEXT };
  const [tower] = summary.towers;
  const length = Math.min(EXAMPLE_LENGTH, tower?.context ?? EXAMPLE_LENGTH);
  const vocab = tower?.vocab ?? Infinity;
  return { ...before, ids: Array.from({ length }, (_, index) => (5 + (index % EXAMPLE_PERIOD) * 11) % vocab).join(', ') };
}

/** What an input is filled with at a position, where nobody says otherwise. */
const fillings: Readonly<Record<string, (index: number) => number>> = { mask: () => 1, positions: (index) => index, types: () => 0 };

/** Changed values for a prompt of another length: cut, or continued as the engine would fill them. */
export function fitValues(values: readonly number[], role: string, length: number): readonly number[] {
  const fill = fillings[role];
  if (!fill || values.length === length) return values;
  return Array.from({ length }, (_, index) => values[index] ?? fill(index));
}

/** The changed values as the engine takes them for a prompt of `length` tokens. */
export function runInputs(edits: InputValues, filled: readonly FilledInput[], length: number): InputValues {
  return Object.fromEntries(Object.entries(edits).map(([name, values]) => {
    const role = filled.find((input) => input.name === name)?.role ?? 'unknown';
    return [name, fitValues(values, role, length)];
  }));
}
