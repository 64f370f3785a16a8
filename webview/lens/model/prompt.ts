/** From what is typed to what the engine takes. */
import type { Prompt } from '../../../src/shared/protocol/engineApi.ts';
import type { ErrorData } from '../../../src/shared/errors.ts';
import { parseIds } from '../../lib/text/ids.ts';
import type { Draft } from './state.ts';

export type Read = { readonly ok: true; readonly prompt: Prompt } | { readonly ok: false; readonly error: ErrorData };

export function promptOf({ mode, text, ids, special }: Draft): Read {
  if (mode === 'text') return { ok: true, prompt: { kind: 'text', text, special } };
  const parsed = parseIds(ids);
  return parsed.ok ? { ok: true, prompt: { kind: 'ids', ids: parsed.values } } : parsed;
}

export const isEmpty = (draft: Draft): boolean => (draft.mode === 'text' ? draft.text === '' : draft.ids.trim() === '');

/** A draft that gives this prompt; the other mode's text is kept. */
export const draftOf = (prompt: Prompt, before: Draft): Draft => (prompt.kind === 'text' ? { ...before, mode: 'text', text: prompt.text, special: prompt.special } : { ...before, mode: 'ids', ids: prompt.ids.join(', ') });
