/** A token as text, with muted marks for what would not be seen. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { h } from '../dom.ts';
import { plainToken, visiblePieces } from '../../../src/shared/visible.ts';

export const tokenText = (text: string): readonly (HTMLElement | string)[] =>
  visiblePieces(text).map((piece) => (piece.kind === 'text' ? piece.text : h('span', { class: 'mark' }, piece.text)));

/** "·park @7": a token with its position, for lines of text. */
export const tokenAt = (tokens: readonly TokenInfo[], at: number): string => `${plainToken(tokens[at]?.text ?? '')} @${at}`;

/** What a token's tooltip says. */
export function tokenTitle(token: TokenInfo, at: number): string {
  const place = token.end > token.start ? ` · characters ${token.start} to ${token.end}${token.approximate ? ', about' : ''}` : '';
  return `@${at} · id ${token.id}${token.special ? ' · special token' : ''}${place}`;
}
