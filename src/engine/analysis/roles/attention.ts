/** How much heads attend to named places. */
import type { CanonicalArray } from '../../anatomy/canonical.ts';

/** From a position to an earlier one, or to itself. */
export interface Glance {
  readonly dest: number;
  readonly src: number;
}

/** Mean attention over the glances, by head, of a pattern [1, head, dest, src]. NaN where there are none. */
export function attentionAt({ shape, data }: CanonicalArray, glances: readonly Glance[]): Float64Array {
  const [, heads = 0, dests = 0, srcs = 0] = shape;
  return Float64Array.from({ length: heads }, (_, head) => {
    let sum = 0;
    for (const { dest, src } of glances) sum += data[(head * dests + dest) * srcs + src] ?? NaN;
    return sum / glances.length;
  });
}
