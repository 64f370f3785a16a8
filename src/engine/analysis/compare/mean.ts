/** The mean of patterns over prompts of one length, and how far they lie from it. Pure. */
import type { CanonicalArray } from '../../anatomy/canonical.ts';

/** Bytes of the two sums of a cell. */
export const SUM_BYTES = 2 * Float64Array.BYTES_PER_ELEMENT;

/** Updated prompt by prompt, so that neither loses digits to the other (Welford 1962, "Note on a Method for Calculating Corrected Sums of Squares and Products"). */
export class MeanPattern {
  private readonly shape: readonly number[];
  private readonly means: Float64Array;
  private readonly squares: Float64Array;
  private count = 0;

  /** Of patterns of this shape: [1, head, dest, src]. */
  constructor(shape: readonly number[]) {
    this.shape = shape;
    const cells = shape.reduce((product, size) => product * size, 1);
    this.means = new Float64Array(cells);
    this.squares = new Float64Array(cells);
  }

  add({ data }: CanonicalArray): void {
    const { means, squares } = this;
    const count = ++this.count;
    for (let cell = 0; cell < means.length; cell++) {
      const value = data[cell] ?? NaN;
      const mean = means[cell] ?? NaN;
      const next = mean + (value - mean) / count;
      means[cell] = next;
      squares[cell] = (squares[cell] ?? NaN) + (value - mean) * (value - next);
    }
  }

  mean(): CanonicalArray {
    return { shape: this.shape, data: Float32Array.from(this.means) };
  }

  /** Standard deviations, dividing by the number of patterns less one; NaN of a single one. */
  spread(): CanonicalArray {
    return { shape: this.shape, data: Float32Array.from(this.squares, (sum) => (this.count > 1 ? Math.sqrt(sum / (this.count - 1)) : NaN)) };
  }
}
