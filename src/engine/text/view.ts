/** A text as the tokenizer's normalizer leaves it, with the way back to the text itself. */
import type { Span } from './align.ts';

export interface TextView {
  readonly text: string;
  /** The span of the original text that UTF-16 units `from` to `to` of the view come from. */
  span(from: number, to: number): Span;
}

export type Normalize = (text: string) => string;

/** The text itself. */
export const plainView = (text: string): TextView => ({ text, span: (start, end) => ({ start, end, approximate: false }) });

/**
 * The normalized text. Each character, or where that does not do, each cluster of characters or run of white space, is normalized
 * alone; undefined where those pieces do not make up the text normalized as a whole, since the way back is not known then.
 */
export function normalizedView(text: string, normalize: Normalize): TextView | undefined {
  const known = new Map<string, string>();
  const alone = (part: string): string => {
    const made = known.get(part) ?? normalize(part);
    known.set(part, made);
    return made;
  };
  const starts: number[] = [];
  const ends: number[] = [];
  let made = '';
  let at = 0;
  for (const cluster of clusters(text)) {
    const characters = [...cluster];
    const parts = characters.map(alone).join('') === alone(cluster) ? characters : [cluster];
    for (const part of parts) {
      const normalized = alone(part);
      made += normalized;
      for (let unit = 0; unit < normalized.length; unit++) {
        starts.push(at);
        ends.push(at + part.length);
      }
      at += part.length;
    }
  }
  if (made !== normalize(text)) return undefined;
  return {
    text: made,
    span: (from, to) => {
      const start = starts[from] ?? text.length;
      return { start, end: to > from ? withMarks(text, ends[to - 1] ?? start, starts[to] ?? text.length) : start, approximate: false };
    },
  };
}

/** Marks that the normalizer takes away belong to the letter before them. */
function withMarks(text: string, end: number, limit: number): number {
  const marks = /\p{M}+/uy;
  marks.lastIndex = end;
  return Math.min(end + (marks.exec(text)?.[0].length ?? 0), Math.max(limit, end));
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function* clusters(text: string): Generator<string> {
  for (const [part] of text.matchAll(/\s+|\S+/gu)) {
    if (/^\s/u.test(part)) yield part;
    else for (const { segment } of segmenter.segment(part)) yield segment;
  }
}
