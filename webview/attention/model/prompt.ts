/** From what is typed to what the engine takes. */
import type { FilledInput } from '../../../src/shared/protocol/engineApi.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { ModelSummary } from '../../../src/shared/summary.ts';
import { promptOf } from '../../lib/text/prompt.ts';
import type { AskedPrompts, ReadPrompts } from '../../lib/text/prompt.ts';
import type { Draft, InputValues, State } from './state.ts';

/** What a run is asked with. */
export interface Asked extends AskedPrompts {
  /** The id of a chosen image. */
  readonly image?: string;
}

export const takesImage = (summary: ModelSummary | null): boolean => summary?.inputs.some(({ role }) => role === 'pixels') ?? false;
/** Until the model is there it is thought to. */
export const takesTokens = (summary: ModelSummary | null): boolean => summary?.inputs.some(({ role }) => role === 'ids') ?? true;

const noImage = new CogscopeError('usage', 'No image is chosen', 'Choose one').data;

/** All that a run takes: the prompt, and the image of a model that takes one. */
export function askedOf(summary: ModelSummary | null, { draft, image }: Pick<State, 'draft' | 'image'>, hasDecoder: boolean): ReadPrompts<Asked> {
  const read: ReadPrompts = takesTokens(summary) ? promptOf(draft, hasDecoder) : { ok: true, prompt: { kind: 'ids', ids: [] } };
  if (!read.ok || !takesImage(summary)) return read;
  return image ? { ...read, image: image.id } : { ok: false, error: noImage };
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
