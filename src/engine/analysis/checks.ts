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
/** The same for float16, which carries 11 bits. */
export const HALF_TOLERANCE = 1e-2;

/** The same where activations are rounded to eight bits between the tensors compared: a few half steps of a 255th of the range. */
export const EIGHT_BIT_TOLERANCE = 2e-2;

/** Undefined where nothing could be compared, since both sides are NaN or infinite throughout. */
export type Checked = CheckResult | undefined;

/** The largest difference so far. NaN on one side alone is no agreement; on both sides it tells nothing. */
export class Comparison {
  private worst = 0;
  private scale = 1;
  private compared = 0;

  add(expected: number, actual: number): void {
    if (Number.isFinite(expected) || Number.isFinite(actual)) {
      const difference = Math.abs(expected - actual);
      if (!(difference <= this.worst)) this.worst = Number.isNaN(this.worst) ? NaN : difference;
      if (Number.isFinite(actual)) this.scale = Math.max(this.scale, Math.abs(actual));
      this.compared++;
    } else if (!Object.is(expected, actual)) {
      this.worst = NaN;
      this.compared++;
    }
  }

  /** `slack` is allowed besides, in the tensors' own units. */
  result(name: string, address: string, relative: number, slack = 0): Checked {
    const tolerance = relative * this.scale + slack;
    return this.compared === 0 ? undefined : { name, address, maxAbs: this.worst, tolerance, ok: this.worst <= tolerance };
  }
}

/** [batch, head, dest, src] times [batch, pos, kv, dHead] against [batch, pos, head, dHead]. */
export function patternTimesValues(name: string, address: string, pattern: CanonicalArray, v: CanonicalArray, z: CanonicalArray, relative: number, slack: number): Checked {
  const [batch = 0, heads = 0, rows = 0, cols = 0] = pattern.shape;
  const [, , kvHeads = 1, width = 0] = v.shape;
  const group = heads / kvHeads;
  const comparison = new Comparison();
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      const kv = Math.floor(head / group);
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < width; d++) {
          let sum = 0;
          for (let col = 0; col < cols; col++) {
            sum += (pattern.data[((b * heads + head) * rows + row) * cols + col] ?? 0) * (v.data[((b * cols + col) * kvHeads + kv) * width + d] ?? 0);
          }
          comparison.add(sum, z.data[((b * rows + row) * heads + head) * width + d] ?? NaN);
        }
      }
    }
  }
  return comparison.result(name, address, relative, slack);
}

/** In a causal model no position attends to one behind it. */
export function looksBackOnly(address: string, pattern: CanonicalArray): Checked {
  const [, , rows = 0, cols = 0] = pattern.shape;
  const comparison = new Comparison();
  for (const [index, weight] of pattern.data.entries()) {
    const [row, col] = [Math.floor(index / cols) % rows, index % cols];
    if (col > row + cols - rows) comparison.add(Number.isNaN(weight) ? NaN : 0, weight);
  }
  return rows < 2 ? { name: 'pattern looks back only', address, maxAbs: 0, tolerance: 0, ok: true } : comparison.result('pattern looks back only', address, CHECK_TOLERANCE);
}

/** A state as the sum of others of the same shape: resid_pre + attn_out = resid_mid. */
export function sumOf(name: string, address: string, parts: readonly CanonicalArray[], total: CanonicalArray, relative: number, slack: number): Checked {
  const comparison = new Comparison();
  for (const [index, actual] of total.data.entries()) {
    comparison.add(parts.reduce((sum, part) => sum + (part.data[index] ?? NaN), 0), actual);
  }
  return comparison.result(name, address, relative, slack);
}

/** act(mlp_pre), times the other factor of a gated MLP, against mlp_post. */
export function activated(name: string, address: string, act: (x: number) => number, pre: CanonicalArray, linear: CanonicalArray | undefined, post: CanonicalArray, relative: number): Checked {
  const comparison = new Comparison();
  for (const [index, actual] of post.data.entries()) {
    comparison.add(act(pre.data[index] ?? NaN) * (linear ? linear.data[index] ?? NaN : 1), actual);
  }
  return comparison.result(name, address, relative);
}

/**
 * Queries or keys against the operand that enters the scores: a rotation and one scale for all keep the proportions of the
 * vectors' lengths, at every position and head. Both are [batch, pos, head, dHead]; `made` may have fewer heads, each used by a group.
 */
export function keptLengths(name: string, address: string, made: CanonicalArray, used: CanonicalArray, relative: number): Checked {
  const [, , heads = 1, width = 1] = used.shape;
  const [, , groups = 1] = made.shape;
  const length = (array: CanonicalArray, vector: number): number => Math.hypot(...array.data.subarray(vector * width, (vector + 1) * width));
  const lengths = Array.from({ length: used.data.length / width }, (_, vector) => {
    const [row, head] = [Math.floor(vector / heads), vector % heads];
    return { before: length(made, row * groups + Math.floor((head * groups) / heads)), after: length(used, vector) };
  });
  const finite = lengths.filter(({ before, after }) => Number.isFinite(before) && Number.isFinite(after));
  const ratio = finite.reduce((sum, { after }) => sum + after, 0) / finite.reduce((sum, { before }) => sum + before, 0);
  const comparison = new Comparison();
  for (const { before, after } of lengths) comparison.add(ratio * before, after);
  return comparison.result(name, address, relative);
}

/** Two results of the same computation, element by element. */
export function sameNumbers(name: string, address: string, actual: Float32Array, expected: Float32Array, relative: number): CheckResult {
  const comparison = new Comparison();
  for (let index = 0; index < Math.max(actual.length, expected.length); index++) comparison.add(expected[index] ?? Infinity, actual[index] ?? -Infinity);
  return comparison.result(name, address, relative) ?? { name, address, maxAbs: 0, tolerance: 0, ok: true };
}
