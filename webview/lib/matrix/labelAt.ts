/** What stands at the items of an axis. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { tokenAt, tokenTitle } from '../tokens/tokenWords.ts';

export interface AxisLabel {
  readonly text: string;
  readonly title: string;
  /** Under the cursor, as plain text. */
  readonly whole: string;
}

/** The label of an item; undefined where it has none. */
export type LabelAt = (at: number) => AxisLabel | undefined;

export const tokenLabels = (tokens: readonly TokenInfo[]): LabelAt => (at) => {
  const token = tokens[at];
  return token && { text: token.text, title: tokenTitle(token, at), whole: tokenAt(tokens, at) };
};
