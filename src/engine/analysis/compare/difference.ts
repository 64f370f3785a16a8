/** Patterns of two runs on aligned tokens. Pure. */
import type { AlignedColumn } from '../../../shared/align/alignTokens.ts';
import type { CanonicalArray } from '../../anatomy/canonical.ts';

export interface Aligned {
  readonly dest: readonly AlignedColumn[];
  readonly src: readonly AlignedColumn[];
}

/** [1, heads, dest, src] on aligned columns, b − a; `missing` where one of the two has no such cell. Both patterns are [1, head, dest, src] of the same heads. */
export function differenceOf(a: CanonicalArray, b: CanonicalArray, { dest, src }: Aligned, heads: readonly number[], missing: number): CanonicalArray {
  const data = new Float32Array(heads.length * dest.length * src.length).fill(missing);
  heads.forEach((head, index) => {
    dest.forEach((row, at) => {
      src.forEach((col, along) => {
        const [own, other] = [cell(a, head, row.a, col.a), cell(b, head, row.b, col.b)];
        if (own !== null && other !== null) data[(index * dest.length + at) * src.length + along] = other - own;
      });
    });
  });
  return { shape: [1, heads.length, dest.length, src.length], data };
}

function cell({ shape, data }: CanonicalArray, head: number, dest: number | null, src: number | null): number | null {
  const [, , rows = 0, cols = 0] = shape;
  return dest === null || src === null ? null : data[(head * rows + dest) * cols + src] ?? null;
}

/**
 * [heads]: total variation of each row's attention, mean over the rows that both runs have: half the summed absolute difference, tokens that one run
 * alone has included.
 */
export function distancesOf(a: CanonicalArray, b: CanonicalArray, { dest, src }: Aligned): Float32Array {
  const [, heads = 0] = a.shape;
  const rows = dest.filter((row) => row.a !== null && row.b !== null);
  return Float32Array.from({ length: heads }, (_, head) => {
    let sum = 0;
    for (const row of rows) for (const col of src) sum += Math.abs((cell(b, head, row.b, col.b) ?? 0) - (cell(a, head, row.a, col.a) ?? 0));
    return sum / 2 / rows.length;
  });
}
