/** mlp_post·W_out + b against mlp_out: weights come from the file, not from a run. */
import type { CanonicalArray } from '../anatomy/canonical.ts';
import { Comparison } from './checks.ts';
import type { Checked } from './checks.ts';
import type { OutputMap } from './outputMap.ts';
import { dynamicRounding, quantisedCode, rounded } from './rounding.ts';
import type { Rounding } from './rounding.ts';

/** At `positions` of the first prompt, since each costs neurons times width multiplications. `precision` says what is allowed and is part of the name. */
export function mlpOutput(
  address: string, post: CanonicalArray, map: OutputMap, out: CanonicalArray, positions: readonly number[], { relative, within }: { readonly relative: number; readonly within: string },
): Checked {
  const [, , width = 0] = out.shape;
  const rounding = map.integers && dynamicRounding(post.data);
  const compare = (product: (position: number, column: number) => number): Comparison => {
    const comparison = new Comparison();
    for (const position of positions) {
      for (let column = 0; column < width; column++) {
        const sum = product(position, column) + (map.bias?.[column] ?? 0);
        comparison.add(map.after.reduce((made, change) => change(made, column), sum), out.data[position * width + column] ?? NaN);
      }
    }
    return comparison;
  };
  // A number between two codes may fall to either: one step of one neuron, or of the sum.
  const slack = map.step + (rounding ? rounding.scale * map.matrix.data.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) : 0);
  const name = `mlp_post x W_out + b = mlp_out${within}`;
  const exact = compare(products(post, map, rounding)).result(name, address, relative, slack);
  if (exact?.ok !== false || !rounding || !map.integers?.signed) return exact;
  const cut = compare(saturatedProducts(post, map.integers, rounding)).result(`${name}, with pairs of products cut to 16 bits as this processor does`, address, relative, slack);
  return cut?.ok ? cut : exact;
}

function products(post: CanonicalArray, { matrix }: OutputMap, rounding: Rounding | undefined): (position: number, column: number) => number {
  const [, , neurons = 0] = post.shape;
  const used = rounding ? post.data.map((value) => rounded(value, rounding)) : post.data;
  return (position, column) => {
    let sum = 0;
    for (let n = 0; n < neurons; n++) {
      const weight = matrix.transposed ? matrix.data[column * matrix.cols + n] : matrix.data[n * matrix.cols + column];
      sum += (used[position * neurons + n] ?? 0) * (weight ?? NaN);
    }
    return sum;
  };
}

const INT16_MAX = 32767;

/**
 * Processors of the x64 kind without VNNI instructions add the products of two neighbours (a byte times a signed byte each) in 16
 * bits, where they may not fit (ONNX Runtime's documentation on quantisation, "U8S8 saturation"). The model then computes that.
 */
function saturatedProducts(post: CanonicalArray, { codes, scale, zero }: NonNullable<OutputMap['integers']>, rounding: Rounding): (position: number, column: number) => number {
  const [, , neurons = 0] = post.shape;
  const [, cols = 0] = codes.dims;
  const neuron = post.data.map((value) => quantisedCode(value, rounding));
  return (position, column) => {
    const offset = zero?.data[zero.data.length === 1 ? 0 : column] ?? 0;
    const at = (n: number): readonly [number, number] => (n < neurons ? [neuron[position * neurons + n] ?? 0, codes.data[n * cols + column] ?? NaN] : [0, 0]);
    let sum = 0;
    for (let n = 0; n < neurons; n += 2) {
      const [[x, w], [y, v]] = [at(n), at(n + 1)];
      sum += Math.min(Math.max(x * w + y * v, -INT16_MAX - 1), INT16_MAX) - rounding.zero * (w + v) - offset * (x + y - (n + 1 < neurons ? 2 : 1) * rounding.zero);
    }
    return sum * rounding.scale * (scale.data[scale.data.length === 1 ? 0 : column] ?? NaN);
  };
}
