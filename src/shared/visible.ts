/** Tokens with everything visible that would not be seen, the same in every view and at the command line. Pure. */

export interface Piece {
  readonly kind: 'text' | 'mark';
  readonly text: string;
}

/** Glyphs for white space. Where a token has such a glyph itself, it is shown by its number. */
const glyphs: Readonly<Record<string, string>> = { ' ': '·', '\n': '↵', '\r': '␍', '\t': '→', '\u00a0': '⍽' };

/** For a token without text. */
const EMPTY = '∅';

/** What a combining mark stands on where the token has no letter for it. */
const CIRCLE = '◌';

/** A byte as the engine spells it, white space, a mark without its letter, or a character without a shape of its own. */
const unseen = new RegExp([
  '<0x([0-9A-F]{2})>',
  String.raw`([ \n\r\t\u00a0])`,
  String.raw`(?<![\p{L}\p{N}\p{P}\p{S}\p{M}])((?!\p{Default_Ignorable_Code_Point})\p{M})`,
  String.raw`([\p{Cc}\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800\ufffd${CIRCLE}${EMPTY}${Object.values(glyphs).join('')}])`,
].join('|'), 'gu');

function markOf([, byte, space, mark, other]: RegExpExecArray): string {
  if (byte !== undefined) return byte;
  if (space !== undefined) return glyphs[space] ?? space;
  if (mark !== undefined) return `${CIRCLE}${mark}`;
  return `U+${(other?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The parts of a token: its text, and muted marks for spaces, line ends, bytes (as hex) and invisible characters. */
export function visiblePieces(token: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let next = 0;
  for (const match of token.matchAll(unseen)) {
    if (match.index > next) pieces.push({ kind: 'text', text: token.slice(next, match.index) });
    pieces.push({ kind: 'mark', text: markOf(match) });
    next = match.index + match[0].length;
  }
  if (next < token.length) pieces.push({ kind: 'text', text: token.slice(next) });
  return pieces.length > 0 ? pieces : [{ kind: 'mark', text: EMPTY }];
}

export const visibleText = (token: string): string => visiblePieces(token).map((piece) => piece.text).join('');

/**
 * As plain text, which has no muted marks: numbers stand in brackets (`<E2>`, `<U+200B>`), and what is written from the right is kept from
 * changing the order of what stands around it.
 */
export function plainToken(token: string): string {
  const text = visiblePieces(token).map((piece) => (piece.kind === 'mark' && /^(U\+)?[0-9A-F]{2,}$/.test(piece.text) ? `<${piece.text}>` : piece.text)).join('');
  return /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(text) ? `\u2066${text}\u2069` : text;
}
