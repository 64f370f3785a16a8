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

/** The same for the same tokens, so that who draws them knows that nothing is new. */
export function tokenLabels(tokens: readonly TokenInfo[]): LabelAt {
  const known = made.get(tokens);
  if (known) return known;
  const labels: LabelAt = (at) => {
    const token = tokens[at];
    return token && { text: token.text, title: tokenTitle(token, at), whole: tokenAt(tokens, at) };
  };
  made.set(tokens, labels);
  return labels;
}

const made = new WeakMap<readonly TokenInfo[], LabelAt>();
