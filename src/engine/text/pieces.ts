/** Aligning vocabularies of pieces of text, which have a token for what they do not know. */
import type { Span } from './align.ts';
import type { TextView } from './view.ts';

const isSpace = (character: string | undefined): boolean => character !== undefined && /\s/u.test(character);
/** What BERT's splitting takes for punctuation: all of ASCII that is neither letter, digit nor space, and Unicode's. */
const punctuation = /[!-/:-@[-`{-~\p{P}]/u;

/**
 * WordPiece: words stand between white space and punctuation, `##` continues one, the unknown token is a whole word.
 * Undefined where the tokens are not the text.
 */
export function alignWordPieces(view: TextView, tokens: readonly string[], unknown: string): readonly Span[] | undefined {
  const { text } = view;
  let at = 0;
  const spans: Span[] = [];
  for (const token of tokens) {
    const continues = token.startsWith('##') && token.length > 2;
    if (!continues) while (isSpace(text[at])) at++;
    const end = token === unknown && !text.startsWith(token, at) ? wordEnd(text, at) : at + token.length - (continues ? 2 : 0);
    if (end === at || (token !== unknown && text.slice(at, end) !== (continues ? token.slice(2) : token))) return undefined;
    spans.push(view.span(at, end));
    at = end;
  }
  return text.slice(at).trim() === '' ? spans : undefined;
}

function wordEnd(text: string, from: number): number {
  let end = from;
  for (const character of text.slice(from)) {
    const stops = isSpace(character) || punctuation.test(character);
    if (stops) return end === from && !isSpace(character) ? end + character.length : end;
    end += character.length;
  }
  return end;
}

/**
 * Unigram: pieces with ▁ for a space, one after the other. The unknown token stands for a run of characters that are no pieces
 * themselves; where a piece begins inside such a run, its end is not proved. Undefined where the tokens are not the text.
 */
export function alignPieces(view: TextView, tokens: readonly string[], unknown: string, lead: string, isPiece: (text: string) => boolean): readonly Span[] | undefined {
  const text = lead + view.text;
  const texts = tokens.map((token) => token.replaceAll('▁', ' '));
  const spanOf = (from: number, to: number): Span => view.span(Math.max(from - lead.length, 0), Math.max(to - lead.length, 0));
  let at = 0;
  const spans: Span[] = [];
  for (const [index, piece] of texts.entries()) {
    let end = at + piece.length;
    let approximate = false;
    if (tokens[index] === unknown) {
      const run = unknownRun(text, at, isPiece);
      const next = texts[index + 1];
      const found = next === undefined ? run : text.slice(0, run + next.length).lastIndexOf(next);
      if (run === at || found <= at || tokens[index + 1] === unknown) return undefined;
      end = found;
      approximate = found !== run;
    } else if (!text.startsWith(piece, at)) {
      return undefined;
    }
    spans.push({ ...spanOf(at, end), approximate });
    at = end;
  }
  return at === text.length ? spans : undefined;
}

function unknownRun(text: string, from: number, isPiece: (text: string) => boolean): number {
  let end = from;
  for (const character of text.slice(from)) {
    if (isPiece(character === ' ' ? '▁' : character)) return end;
    end += character.length;
  }
  return end;
}
