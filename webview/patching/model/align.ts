/** Two prompts beside each other, token by token, before anything is run. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';

export interface AlignedColumn {
  readonly clean: TokenInfo | null;
  readonly corrupted: TokenInfo | null;
  /** The two tokens are not the same, or one of them is missing. */
  readonly differs: boolean;
}

/** Position by position: that is how activations are exchanged. */
export function align(clean: readonly TokenInfo[], corrupted: readonly TokenInfo[]): readonly AlignedColumn[] {
  return Array.from({ length: Math.max(clean.length, corrupted.length) }, (_, at): AlignedColumn => {
    const [a, b] = [clean[at] ?? null, corrupted[at] ?? null];
    return { clean: a, corrupted: b, differs: a?.id !== b?.id };
  });
}

/** Where prompts of different lengths part: the first position whose tokens differ. Null where they have one length. */
export function partingOf(clean: readonly TokenInfo[], corrupted: readonly TokenInfo[]): number | null {
  if (clean.length === corrupted.length) return null;
  return align(clean, corrupted).findIndex(({ differs }) => differs);
}
