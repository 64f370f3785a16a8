/** A text cut at the added tokens that are typed in it, as tokenizers cut it before anything else. */
import type { Aligned } from './aligned.ts';
import { literal, trimEnd, trimStart } from './unicode.ts';
import type { AddedToken } from './vocabulary.ts';

export interface Section {
  readonly part: Aligned;
  /** The added token that it is; undefined for text in between. */
  readonly token: AddedToken | undefined;
}

export type Sections = (text: Aligned) => readonly Section[];

const wordBefore = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const wordBehind = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** At each place the longest of the tokens that begins there. `spelt` is how the text that is cut has them. */
export function cutAt(tokens: readonly AddedToken[], spelt: (content: string) => string): Sections {
  const wanted = new Map(tokens.map((token) => [spelt(token.content), token] as const).filter(([content]) => content !== ''));
  if (wanted.size === 0) return (part) => [{ part, token: undefined }];
  const pattern = new RegExp([...wanted.keys()].sort((a, b) => b.length - a.length).map(literal).join('|'), 'gu');
  return (part) => {
    const { text } = part;
    const sections: Section[] = [];
    let at = 0;
    for (const match of text.matchAll(pattern)) {
      const token = wanted.get(match[0]);
      const before = text.slice(0, match.index);
      const behind = text.slice(match.index + match[0].length);
      if (!token || (token.singleWord && (wordBefore.test(before) || wordBehind.test(behind)))) continue;
      const from = Math.max(at, token.lstrip ? trimEnd(before).length : before.length);
      const to = text.length - (token.rstrip ? trimStart(behind) : behind).length;
      if (from > at) sections.push({ part: part.slice(at, from), token: undefined });
      sections.push({ part: part.slice(from, to), token });
      at = to;
    }
    if (at < text.length) sections.push({ part: part.slice(at, text.length), token: undefined });
    return sections;
  };
}
