/** From tokens back to the characters of the prompt. */
import type { TextView } from './view.ts';

export interface Span {
  /** UTF-16 offsets into the prompt. */
  readonly start: number;
  readonly end: number;
  /** The characters there are not proved to be the token's. */
  readonly approximate: boolean;
}

const utf8 = new TextEncoder();

/**
 * Spans of tokens whose bytes, one after the other, are the text's own: exact, and proved by the comparison. A token
 * within a character spans that whole character. `lead` is what the tokenizer put before the text (a space).
 * Undefined where the bytes differ.
 */
export function alignBytes(view: TextView, tokens: readonly Uint8Array[], lead: Uint8Array): readonly Span[] | undefined {
  const { bytes, starts, ends } = byteView(view.text);
  let at = -lead.length;
  const spans: Span[] = [];
  for (const token of tokens) {
    const first = Math.max(at, 0);
    for (const byte of token) {
      if (byte !== (at < 0 ? lead[lead.length + at] : bytes[at])) return undefined;
      at++;
    }
    const from = starts[first] ?? view.text.length;
    spans.push(view.span(from, at > first ? ends[at - 1] ?? from : from));
  }
  return at === bytes.length ? spans : undefined;
}

/** The UTF-16 offsets of the character that holds each byte. */
function byteView(text: string): { readonly bytes: Uint8Array; readonly starts: Uint32Array; readonly ends: Uint32Array } {
  const bytes = utf8.encode(text);
  const starts = new Uint32Array(bytes.length);
  const ends = new Uint32Array(bytes.length);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    starts.fill(unit, byte, byte + length);
    ends.fill(unit + character.length, byte, byte + length);
    byte += length;
    unit += character.length;
  }
  return { bytes, starts, ends };
}

/** How far behind the token before a token is looked for. */
const REACH = 200;

/** Spans found by looking for each token's text behind the one before; none of them is proved. */
export function searchText(prompt: string, tokens: readonly string[]): readonly Span[] {
  const folded = fold(prompt);
  let next = 0;
  return tokens.map((token): Span => {
    const wanted = fold(token).trim();
    const found = wanted === '' ? -1 : folded.slice(next, next + REACH).indexOf(wanted);
    if (found < 0) return { start: next, end: next, approximate: true };
    const start = next + found;
    next = start + wanted.length;
    return { start, end: next, approximate: true };
  });
}

/** Lower case without a change of length. */
const fold = (text: string): string => text.replace(/\p{L}/gu, (letter) => {
  const lower = letter.toLowerCase();
  return lower.length === letter.length ? lower : letter;
});
