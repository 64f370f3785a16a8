/** Attention rollout (Abnar and Zuidema 2020, section 3): layers as mixtures of states, half of each kept as it is for the residual connection. */
import type { CanonicalArray } from '../../anatomy/canonical.ts';

/** One layer further: (A / 2 + I / 2) times what came before, A being the mean over heads of [1, head, dest, src]. `before` is [positions, positions]. */
export function rolled(pattern: CanonicalArray, before: Float32Array): Float32Array {
  const [, heads = 1, size = 0] = pattern.shape;
  const mixed = new Float64Array(size);
  const result = new Float32Array(size * size);
  for (let dest = 0; dest < size; dest++) {
    for (let at = 0; at < size; at++) mixed[at] = (before[dest * size + at] ?? NaN) / 2;
    for (let via = 0; via < size; via++) {
      let weight = 0;
      for (let head = 0; head < heads; head++) weight += pattern.data[(head * size + dest) * size + via] ?? NaN;
      weight /= 2 * heads;
      // A causal pattern is empty above the diagonal.
      if (weight === 0) continue;
      for (let at = 0; at < size; at++) mixed[at] = (mixed[at] as number) + weight * (before[via * size + at] as number);
    }
    result.set(mixed, dest * size);
  }
  return result;
}

/** Every position is its own input. */
export function identity(size: number): Float32Array {
  const result = new Float32Array(size * size);
  for (let at = 0; at < size; at++) result[at * size + at] = 1;
  return result;
}
