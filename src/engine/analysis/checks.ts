/**
 * The anatomy proved on a real run (house plan, decision 7): each part is recomputed from its neighbours by plain
 * arithmetic, in double precision, and compared with what the model made.
 */
import type { CheckResult } from '../../shared/summary.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';

/**
 * Differences allowed, relative to the largest magnitude of the tensors compared (at least 1): float32 carries 24 bits,
 * and a sum of n products in another order differs by about sqrt(n) units in the last place.
 */
export const CHECK_TOLERANCE = 5e-5;

/** [batch, head, dest, src] times [batch, pos, kv, dHead] against [batch, pos, head, dHead]. */
export function patternTimesValues(address: string, pattern: CanonicalArray, v: CanonicalArray, z: CanonicalArray): CheckResult {
  const [batch = 0, heads = 0, rows = 0, cols = 0] = pattern.shape;
  const [, , kvHeads = 1, width = 0] = v.shape;
  const group = heads / kvHeads;
  let worst = 0;
  let scale = 1;
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      const kv = Math.floor(head / group);
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < width; d++) {
          let sum = 0;
          for (let col = 0; col < cols; col++) {
            sum += (pattern.data[((b * heads + head) * rows + row) * cols + col] ?? 0) * (v.data[((b * cols + col) * kvHeads + kv) * width + d] ?? 0);
          }
          const actual = z.data[((b * rows + row) * heads + head) * width + d] ?? 0;
          worst = larger(worst, Math.abs(sum - actual));
          scale = Math.max(scale, Math.abs(actual));
        }
      }
    }
  }
  return result('pattern x v = z', address, worst, scale);
}

/** A state as the sum of others of the same shape: resid_pre + attn_out = resid_mid. */
export function sumOf(name: string, address: string, parts: readonly CanonicalArray[], total: CanonicalArray): CheckResult {
  let worst = 0;
  let scale = 1;
  for (const [index, actual] of total.data.entries()) {
    const sum = parts.reduce((accumulated, part) => accumulated + (part.data[index] ?? NaN), 0);
    worst = larger(worst, Math.abs(sum - actual));
    scale = Math.max(scale, Math.abs(actual));
  }
  return result(name, address, worst, scale);
}

export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  /** Row-major. */
  readonly data: Float32Array;
  /** The file holds it as [cols, rows] (Gemm's transB). */
  readonly transposed: boolean;
}

/** mlp_post·W_out + b against mlp_out, at `positions` of the first prompt: weights come from the file, not from a run. */
export function mlpOutput(address: string, post: CanonicalArray, matrix: Matrix, bias: Float32Array | null, out: CanonicalArray, positions: readonly number[]): CheckResult {
  const [, , neurons = 0] = post.shape;
  const [, , width = 0] = out.shape;
  let worst = 0;
  let scale = 1;
  for (const position of positions) {
    for (let d = 0; d < width; d++) {
      let sum = bias?.[d] ?? 0;
      for (let n = 0; n < neurons; n++) {
        const weight = matrix.transposed ? matrix.data[d * matrix.cols + n] : matrix.data[n * matrix.cols + d];
        sum += (post.data[position * neurons + n] ?? 0) * (weight ?? NaN);
      }
      const actual = out.data[position * width + d] ?? 0;
      worst = larger(worst, Math.abs(sum - actual));
      scale = Math.max(scale, Math.abs(actual));
    }
  }
  return result('mlp_post x W_out + b = mlp_out', address, worst, scale);
}

/** Two results of the same computation, element by element. */
export function sameNumbers(name: string, address: string, actual: Float32Array, expected: Float32Array, tolerance?: number): CheckResult {
  let worst = actual.length === expected.length ? 0 : NaN;
  let scale = 1;
  for (const [index, value] of expected.entries()) {
    const other = actual[index] ?? NaN;
    if (Object.is(value, other)) continue;
    worst = larger(worst, Math.abs(value - other));
    scale = Math.max(scale, Math.abs(value));
  }
  return result(name, address, worst, scale, tolerance);
}

/** NaN wins: a difference that is no number is no agreement. */
const larger = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b));

function result(name: string, address: string, maxAbs: number, scale: number, tolerance = CHECK_TOLERANCE * scale): CheckResult {
  return { name, address, maxAbs, tolerance, ok: maxAbs <= tolerance };
}
