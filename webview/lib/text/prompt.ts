/** From a typed prompt to what the engine takes. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { Prompt } from '../../../src/shared/protocol/engineApi.ts';
import { parseIds } from './ids.ts';

/** What is typed, in both modes, so that switching loses nothing. */
export interface TypedPrompt {
  readonly mode: 'text' | 'ids';
  readonly text: string;
  readonly ids: string;
  /** The second prompt, where a decoder stands behind an encoder: text or ids, as the first. */
  readonly decoder: string;
  /** Whether the tokenizer adds its special tokens. */
  readonly special: boolean;
}

/** What a run is asked with: the prompt, and the decoder's where there are two. */
export interface AskedPrompts {
  readonly prompt: Prompt;
  readonly prompts?: Readonly<Record<string, Prompt>>;
}

export type ReadPrompts<A extends AskedPrompts = AskedPrompts> = ({ readonly ok: true } & A) | { readonly ok: false; readonly error: ErrorData };

/** A decoder's prompt that is left empty is not given: it starts as its configuration says. */
export function promptOf(draft: TypedPrompt, hasDecoder = false): ReadPrompts {
  const first = readPrompt(draft, draft.mode === 'text' ? draft.text : draft.ids);
  if (!first.ok || !hasDecoder || draft.decoder.trim() === '') return first;
  const second = readPrompt(draft, draft.decoder);
  return second.ok ? { ...first, prompts: { dec: second.prompt } } : second;
}

function readPrompt({ mode, special }: TypedPrompt, text: string): ReadPrompts {
  if (mode === 'text') return { ok: true, prompt: { kind: 'text', text, special } };
  const parsed = parseIds(text);
  return parsed.ok ? { ok: true, prompt: { kind: 'ids', ids: parsed.values } } : parsed;
}

export const isEmpty = (draft: TypedPrompt): boolean => (draft.mode === 'text' ? draft.text === '' : draft.ids.trim() === '');

/** Without a tokenizer only ids can be given. They may have been typed as a text, before it was known that there is none. */
export function withoutTokenizer<D extends TypedPrompt>(draft: D): D {
  if (draft.mode === 'ids') return draft;
  if (draft.text === '') return { ...draft, mode: 'ids' };
  return draft.ids === '' && parseIds(draft.text).ok ? { ...draft, mode: 'ids', ids: draft.text, text: '' } : draft;
}

/** A draft that gives this prompt; the other mode's text is kept. */
export function draftOf<D extends TypedPrompt>(prompt: Prompt, before: D): D {
  return prompt.kind === 'text'
    ? { ...before, mode: 'text', text: prompt.text, special: prompt.special }
    : { ...before, mode: 'ids', ids: prompt.ids.join(', ') };
}
