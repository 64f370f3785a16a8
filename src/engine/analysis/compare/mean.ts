/** The mean pattern over texts that are aligned with a first one. Pure. */
import type { CanonicalArray } from '../../anatomy/canonical.ts';

/** For each position of the first text the one of another that stands for it; null where it has none. */
export type Counterparts = readonly (number | null)[];

export class MeanPattern {
  private readonly heads: number;
  private readonly rows: number;
  private readonly cols: number;
  private readonly sums: Float64Array;
  private readonly counts: Uint32Array;

  /** `first`: [1, head, dest, src] of the first text, which is not added yet. */
  constructor({ shape }: CanonicalArray) {
    const [, heads = 0, rows = 0, cols = 0] = shape;
    this.heads = heads;
    this.rows = rows;
    this.cols = cols;
    this.sums = new Float64Array(heads * rows * cols);
    this.counts = new Uint32Array(rows * cols);
  }

  add({ shape, data }: CanonicalArray, dest: Counterparts, src: Counterparts): void {
    const [, , height = 0, width = 0] = shape;
    for (let row = 0; row < this.rows; row++) {
      const from = dest[row] ?? null;
      if (from === null) continue;
      for (let col = 0; col < this.cols; col++) {
        const to = src[col] ?? null;
        if (to === null) continue;
        const at = row * this.cols + col;
        this.counts[at] = (this.counts[at] ?? 0) + 1;
        for (let head = 0; head < this.heads; head++) {
          const cell = head * this.rows * this.cols + at;
          this.sums[cell] = (this.sums[cell] ?? 0) + (data[(head * height + from) * width + to] ?? NaN);
        }
      }
    }
  }

  /** Each cell over the texts that have it. */
  mean(): CanonicalArray {
    const size = this.rows * this.cols;
    return { shape: [1, this.heads, this.rows, this.cols], data: Float32Array.from(this.sums, (sum, cell) => sum / (this.counts[cell % size] ?? 0)) };
  }
}
