/** Numbers that a person types: token ids, and the values of an input. */
import type { ErrorData } from '../../../src/shared/errors.ts';

export type Parsed = { readonly ok: true; readonly values: readonly number[] } | { readonly ok: false; readonly error: ErrorData };

const problem = (what: string, todo: string): Parsed => ({ ok: false, error: { code: 'usage', what, todo, where: '', detail: '' } });

/** Words between commas, spaces and line ends; a list's brackets around them may stand. */
const words = (text: string): readonly string[] => text.trim().replace(/^\[|\]$/g, '').split(/[\s,;]+/).filter((word) => word !== '');

/** Reads "1, 2, 3". Names the first word that is no id. */
export function parseIds(text: string): Parsed {
  const found = words(text);
  const odd = found.find((word) => !/^\d{1,15}$/.test(word));
  if (odd !== undefined) return problem(`"${odd}" is no token id`, 'Ids are whole numbers from 0, separated by commas');
  return { ok: true, values: found.map(Number) };
}

/** Reads the values of an input; as many as `count`, where that is known. */
export function parseValues(text: string, count: number | null): Parsed {
  const found = words(text);
  const odd = found.find((word) => !Number.isFinite(Number(word)));
  if (odd !== undefined) return problem(`"${odd}" is no number`, 'Give numbers separated by commas');
  if (count !== null && found.length !== count) return problem(`${found.length} values for ${count} places`, 'Give one value a place');
  return { ok: true, values: found.map(Number) };
}
