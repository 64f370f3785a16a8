/** Numbers that are the same at every run. */

/** Marsaglia's xorshift, 32 bits, as numbers from 0 to 1. */
export function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed, 2654435761) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** `count` numbers evenly spread over ±`spread`. */
export function randomValues(seed: number, count: number, spread = 1): readonly number[] {
  const next = randomNumbers(seed);
  return Array.from({ length: count }, () => (next() * 2 - 1) * spread);
}
