/** Rows and positions of tensors: taking, stacking, tiling along an axis. Pure, on plain typed arrays. */
import { CogscopeError } from '../../shared/errors.ts';
import type { Tensor, TensorData } from '../ort/tensor.ts';

export const elementCount = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** `indices` along `axis`, in that order. */
export function take(tensor: Tensor, axis: number, indices: readonly number[]): Tensor {
  const length = tensor.dims[axis] ?? 0;
  const inner = elementCount(tensor.dims.slice(axis + 1));
  const outer = elementCount(tensor.dims.slice(0, axis));
  const data = allocate(tensor.data, outer * indices.length * inner);
  let target = 0;
  for (let row = 0; row < outer; row++) {
    for (const index of indices) {
      if (index < 0 || index >= length) throw new CogscopeError('usage', `Position ${index} is outside 0 to ${length - 1}`, 'Choose a position of the prompt');
      const start = (row * length + index) * inner;
      copyInto(data, target, tensor.data, start, start + inner);
      target += inner;
    }
  }
  return { type: tensor.type, dims: tensor.dims.map((dim, at) => (at === axis ? indices.length : dim)), data };
}

/** One of `rows` rows, where these lie one behind the other along the first axis, alone on it or before others. */
export function rowOf(tensor: Tensor, row: number, rows: number): Tensor {
  if (rows === 1) return tensor;
  const size = tensor.data.length / rows;
  const data = allocate(tensor.data, size);
  copyInto(data, 0, tensor.data, row * size, (row + 1) * size);
  return { type: tensor.type, dims: [(tensor.dims[0] ?? 1) / rows, ...tensor.dims.slice(1)], data };
}

/** The tensor repeated `times` along the first axis. */
export function tile(tensor: Tensor, times: number): Tensor {
  if (times === 1) return tensor;
  const [rows = 1, ...rest] = tensor.dims;
  const data = allocate(tensor.data, tensor.data.length * times);
  for (let copy = 0; copy < times; copy++) copyInto(data, copy * tensor.data.length, tensor.data, 0, tensor.data.length);
  return { type: tensor.type, dims: [rows * times, ...rest], data };
}

/** Tensors of the same type and row shape, one below the other. */
export function stack(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors;
  if (!first) throw new CogscopeError('internal', 'There is nothing to stack');
  if (tensors.length === 1) return first;
  const rest = first.dims.slice(1);
  const data = allocate(first.data, tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let target = 0;
  let rows = 0;
  for (const tensor of tensors) {
    if (tensor.type !== first.type || tensor.dims.slice(1).join() !== rest.join()) {
      throw new CogscopeError('internal', `Tensors of shapes ${first.dims.join('×')} and ${tensor.dims.join('×')} cannot be stacked`);
    }
    copyInto(data, target, tensor.data, 0, tensor.data.length);
    target += tensor.data.length;
    rows += tensor.dims[0] ?? 0;
  }
  return { type: first.type, dims: [rows, ...rest], data };
}

function allocate(like: TensorData, length: number): TensorData {
  const Kind = like.constructor as new (length: number) => TensorData;
  return new Kind(length);
}

function copyInto(target: TensorData, at: number, source: TensorData, start: number, end: number): void {
  // Both were made by the same constructor, so the element types agree.
  (target as Float32Array).set((source as Float32Array).subarray(start, end), at);
}
