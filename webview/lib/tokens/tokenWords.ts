/** Tokens in words, for lines of text. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { plainToken } from '../../../src/shared/visible.ts';

/** "·park @7": a token with its position. */
export const tokenAt = (tokens: readonly TokenInfo[], at: number): string => `${plainToken(tokens[at]?.text ?? '')} @${at}`;

/** What a token's tooltip says. */
export function tokenTitle(token: TokenInfo, at: number): string {
  const place = token.end > token.start ? ` · characters ${token.start} to ${token.end}${token.approximate ? ', about' : ''}` : '';
  return `@${at} · id ${token.id}${token.special ? ' · special token' : ''}${place}`;
}
