/**
 * Uniform samples of fixed size out of streams whose length nobody knows: the n-th of a stream is taken with the probability {@link RESERVOIR} / n. Which one is taken next is drawn
 * once for all that are passed over until then (Vitter 1985, "Random sampling with a reservoir", section 4), so that counting is all that most of them take.
 */
import { mix } from '../hash.ts';

/** Places of a sample. */
export const RESERVOIR = 4;
const MOST = 2 ** 32 - 1;

/**
 * The number in its stream of what is taken behind the n-th that was. That all from n + 1 to m are passed over has the probability F(n) / F(m) with F(m) = m (m - 1) (m - 2) (m - 3),
 * which is y⁴ - 5/2 y² + 9/16 for y = m - 3/2.
 */
function following(taken: number, stream: number, seed: number): number {
  if (taken < RESERVOIR) return taken + 1;
  const chance = (mix(seed, stream, taken) + 1) / 2 ** 32;
  const wanted = (taken * (taken - 1) * (taken - 2) * (taken - 3)) / chance;
  const next = Math.ceil(1.5 + Math.sqrt(1.25 + Math.sqrt(1 + wanted)));
  return Math.min(Math.max(next, taken + 1), MOST);
}

/** Of many streams, which numbers are taken: told by their counts alone. */
export class Reservoirs {
  /** By stream, counted from 1. */
  readonly next: Uint32Array;
  private readonly seed: number;

  constructor(counts: Uint32Array, seed: number) {
    this.seed = seed;
    this.next = new Uint32Array(counts.length);
    for (let stream = 0; stream < counts.length; stream++) {
      let next = 1;
      while (next <= (counts[stream] as number) && next < MOST) next = following(next, stream, seed);
      this.next[stream] = next;
    }
  }

  /** The place of what is taken now; looks for the next one. */
  take(stream: number): number {
    const taken = this.next[stream] as number;
    this.next[stream] = following(taken, stream, this.seed);
    return taken <= RESERVOIR ? taken - 1 : mix(stream, taken, this.seed) % RESERVOIR;
  }
}
