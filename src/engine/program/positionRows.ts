/** Positions of tensors as rows of a batch, and back. `axis` is that of the positions; variants lie one behind the other along the first axis, alone on it or before the positions. */
import { tile } from './tensors.ts';
import type { Tensor } from '../ort/tensor.ts';

/** A position of a variant. */
export interface RowAt {
  readonly variant: number;
  readonly position: number;
}

export interface Lying {
  readonly axis: number;
  readonly variants: number;
  /** Positions of each. */
  readonly length: number;
}

/** Of each variant: stretches before the positions, and elements behind. */
function strides({ dims, data }: Tensor, { axis, variants, length }: Lying): { readonly outer: number; readonly inner: number; readonly row: number } {
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const row = data.length / variants;
  return { outer: row / (length * inner), inner, row };
}

/** A row for each of `rows`, with one position. */
export function gather(tensor: Tensor, lying: Lying, rows: readonly RowAt[]): Tensor {
  const { outer, inner, row } = strides(tensor, lying);
  const data = like(tensor, rows.length * outer * inner);
  let target = 0;
  for (const { variant, position } of rows) {
    for (let part = 0; part < outer; part++) {
      const from = variant * row + (part * lying.length + position) * inner;
      data.set(tensor.data.subarray(from, from + inner) as never, target);
      target += inner;
    }
  }
  const dims = tensor.dims.map((dim, at) => (at === 0 ? rows.length * (lying.axis === 0 ? 1 : dim / lying.variants) : at === lying.axis ? 1 : dim));
  return { type: tensor.type, dims, data };
}

/** `base`, which has one row, for each variant, with `made` at its positions. */
export function scatter(base: Tensor, made: Tensor, lying: Lying, rows: readonly RowAt[]): Tensor {
  const whole = tile(base, lying.variants);
  // A tile of one is the tensor itself.
  const target = whole === base ? { ...base, data: base.data.slice() } : whole;
  const { outer, inner, row } = strides(target, lying);
  let from = 0;
  for (const { variant, position } of rows) {
    for (let part = 0; part < outer; part++) {
      target.data.set(made.data.subarray(from, from + inner) as never, variant * row + (part * lying.length + position) * inner);
      from += inner;
    }
  }
  return target;
}

/** Some of `of` rows. */
export function pick(tensor: Tensor, of: number, indices: readonly number[]): Tensor {
  const size = tensor.data.length / of;
  const data = like(tensor, indices.length * size);
  indices.forEach((index, at) => data.set(tensor.data.subarray(index * size, (index + 1) * size) as never, at * size));
  return { type: tensor.type, dims: [((tensor.dims[0] ?? 1) / of) * indices.length, ...tensor.dims.slice(1)], data };
}

function like({ data }: Tensor, length: number): Tensor['data'] {
  const Kind = data.constructor as new (length: number) => Tensor['data'];
  return new Kind(length);
}
