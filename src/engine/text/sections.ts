/** A text cut at the added tokens that are typed in it, as tokenizers cut it before anything else. */
import type { Span } from './align.ts';

export interface Section {
  readonly start: number;
  readonly text: string;
  /** The added token that it is; undefined for text in between. */
  readonly added: boolean;
}

export interface AddedToken {
  readonly content: string;
  /** It takes the white space before it, or behind it, along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
}

/** At each place the longest added token that begins there. */
export function sectionsOf(text: string, added: readonly AddedToken[]): readonly Section[] {
  const wanted = new Map(added.filter(({ content }) => content !== '' && text.includes(content)).map((token) => [token.content, token]));
  if (wanted.size === 0) return [{ start: 0, text, added: false }];
  const longestFirst = [...wanted.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((content) => content.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'gu');
  const sections: Section[] = [];
  const between = (from: number, to: number, before: AddedToken | undefined, after: AddedToken | undefined): Section => {
    const whole = text.slice(from, to);
    const cut = before?.rstrip ? whole.trimStart() : whole;
    return { start: to - cut.length, text: after?.lstrip ? cut.trimEnd() : cut, added: false };
  };
  let from = 0;
  let before: AddedToken | undefined;
  for (const match of text.matchAll(pattern)) {
    const token = wanted.get(match[0]);
    sections.push(between(from, match.index, before, token), { start: match.index, text: match[0], added: true });
    from = match.index + match[0].length;
    before = token;
  }
  return [...sections, between(from, text.length, before, undefined)];
}

/**
 * Aligns each section with the tokens between the added ones. Undefined where those are not the added tokens of the text, or
 * where a section's text is not its tokens'.
 */
export function alignSections(
  sections: readonly Section[], tokens: readonly string[], isAdded: (index: number) => boolean, align: (text: string, tokens: readonly string[]) => readonly Span[] | undefined,
): readonly Span[] | undefined {
  const spans: Span[] = [];
  let at = 0;
  for (const section of sections) {
    if (section.added) {
      if (tokens[at] !== section.text) return undefined;
      spans.push({ start: section.start, end: section.start + section.text.length, approximate: false });
      at++;
      continue;
    }
    const from = at;
    while (at < tokens.length && !isAdded(at)) at++;
    const aligned = align(section.text, tokens.slice(from, at));
    if (!aligned) return undefined;
    for (const { start, end, approximate } of aligned) spans.push({ start: start + section.start, end: end + section.start, approximate });
  }
  return at === tokens.length ? spans : undefined;
}
