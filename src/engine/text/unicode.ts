/** Text as the tokenizers' own language sees it: white space is Unicode's, and JavaScript's differs in U+0085 and U+FEFF. */

export const trimStart = (text: string): string => text.replace(/^\p{White_Space}+/u, '');
export const trimEnd = (text: string): string => text.replace(/\p{White_Space}+$/u, '');

let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for one character. */
export function clusters(text: string): readonly string[] {
  // Made when first asked for: that takes longer than all else that the engine's start does for texts.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Lower case letter by letter: the end of a word makes no difference to Σ. */
export const lower = (character: string): string => character.toLowerCase();

/** A text as a pattern that matches it. */
export const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
