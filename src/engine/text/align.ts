/** From tokens back to the characters of the prompt. */

export interface Span {
  /** UTF-16 offsets into the prompt. */
  readonly start: number;
  readonly end: number;
  /** The characters there are not proved to be the token's. */
  readonly approximate: boolean;
}

const utf8 = new TextEncoder();

/** The UTF-16 offset of the character that holds each byte, with the prompt's length at the end. */
function characterStarts(prompt: string): { readonly bytes: Uint8Array; readonly starts: Uint32Array; readonly ends: Uint32Array } {
  const bytes = utf8.encode(prompt);
  const starts = new Uint32Array(bytes.length);
  const ends = new Uint32Array(bytes.length);
  let byte = 0;
  let unit = 0;
  for (const character of prompt) {
    const length = utf8.encode(character).length;
    starts.fill(unit, byte, byte + length);
    ends.fill(unit + character.length, byte, byte + length);
    byte += length;
    unit += character.length;
  }
  return { bytes, starts, ends };
}

/**
 * Spans of tokens whose bytes, one after the other, are the prompt's own: exact, and proved by the comparison. A token
 * within a character spans that whole character. `lead` is what the tokenizer put before the prompt (a space).
 * Undefined where the bytes differ.
 */
export function alignBytes(prompt: string, tokens: readonly Uint8Array[], lead: Uint8Array): readonly Span[] | undefined {
  const { bytes, starts, ends } = characterStarts(prompt);
  let at = -lead.length;
  const spans: Span[] = [];
  for (const token of tokens) {
    const first = Math.max(at, 0);
    for (const byte of token) {
      if (byte !== (at < 0 ? lead[lead.length + at] : bytes[at])) return undefined;
      at++;
    }
    const last = at - 1;
    const start = first < bytes.length ? starts[first] ?? 0 : prompt.length;
    spans.push({ start, end: last >= first ? ends[last] ?? prompt.length : start, approximate: false });
  }
  return at === bytes.length ? spans : undefined;
}

const marks = /\p{M}/gu;
const comparable = (text: string): string => text.normalize('NFD').replace(marks, '').toLowerCase();

/**
 * Spans found by looking for each token's text behind the one before: for vocabularies that change the text (case,
 * accents). A token found where only white space was skipped is exact when its characters are the prompt's own.
 */
export function alignText(prompt: string, tokens: readonly string[]): readonly Span[] {
  const characters = [...prompt].reduce<{ readonly text: string; readonly start: number; readonly end: number }[]>((all, character) => {
    const start = all.at(-1)?.end ?? 0;
    return [...all, { text: comparable(character), start, end: start + character.length }];
  }, []);
  let next = 0;
  return tokens.map((token): Span => {
    const wanted = comparable(token);
    let from = next;
    while (from < characters.length && characters[from]?.text.trim() === '') from++;
    let until = from;
    let got = '';
    while (until < characters.length && got.length < wanted.length) got += characters[until++]?.text ?? '';
    // A mark that belongs to the last letter is part of it.
    while (until < characters.length && characters[until]?.text === '') until++;
    const start = characters[from]?.start ?? prompt.length;
    if (got !== wanted || wanted === '') return { start, end: start, approximate: true };
    next = until;
    const end = characters[until - 1]?.end ?? start;
    return { start, end, approximate: prompt.slice(start, end).toLowerCase() !== token.toLowerCase() };
  });
}
