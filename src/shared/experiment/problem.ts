/** What is wrong in an experiment's file, and where. */
export interface Problem {
  /** JSON pointer to the value: `/pairs/0/target`; "" is the whole file. */
  readonly pointer: string;
  /** The key at that place is meant, not what it holds. */
  readonly key?: true;
  /** Line of the file of pairs, from 1: the pointer counts from that line's own value. */
  readonly line?: number;
  /** One sentence without a full stop at its end. */
  readonly what: string;
  /** What to do about it, one sentence without a full stop at its end. */
  readonly todo: string;
}

/** A key or an index, behind a pointer. */
export const below = (pointer: string, key: string | number): string => `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The keys and indices of a pointer, from the root. */
export const stepsOf = (pointer: string): readonly string[] => pointer.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

const LONGEST = 40;

/** A value as a sentence quotes it. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** `"a", "b" or "c"`. */
export function oneOf(names: readonly (string | number)[]): string {
  const words = names.map((name) => JSON.stringify(name));
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
