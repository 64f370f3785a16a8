/** Tokens with everything visible that would not be seen. */

export interface Piece {
  readonly kind: 'text' | 'mark';
  readonly text: string;
}

/** Glyphs for white space. */
const glyphs: Readonly<Record<string, string>> = { ' ': '·', '\n': '↵', '\r': '␍', '\t': '→', '\u00a0': '⍽' };

/** A byte as the engine spells it, white space, or a character without a shape of its own. */
const unseen = /<0x([0-9A-F]{2})>|([ \n\r\t\u00a0])|([\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\ufffd])/gu;

function markOf(byte: string | undefined, space: string | undefined, other: string | undefined): string {
  if (byte !== undefined) return byte;
  if (space !== undefined) return glyphs[space] ?? space;
  return `U+${(other?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The parts of a token: its text, and muted marks for spaces, line ends, bytes (as hex) and invisible characters. */
export function visiblePieces(token: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let next = 0;
  for (const match of token.matchAll(unseen)) {
    if (match.index > next) pieces.push({ kind: 'text', text: token.slice(next, match.index) });
    pieces.push({ kind: 'mark', text: markOf(match[1], match[2], match[3]) });
    next = match.index + match[0].length;
  }
  if (next < token.length) pieces.push({ kind: 'text', text: token.slice(next) });
  return pieces.length > 0 ? pieces : [{ kind: 'mark', text: '∅' }];
}

export const visibleText = (token: string): string => visiblePieces(token).map((piece) => piece.text).join('');
