/** Products with a direction of the stream, in double precision: sums of many parts must not blur. */
import type { OutputMap } from '../outputMap.ts';

/** [count] of [count, width] vectors with a direction. */
export function along(vectors: Float32Array, direction: Float64Array): Float64Array {
  const width = direction.length;
  return Float64Array.from({ length: vectors.length / width }, (_, row) => {
    let sum = 0;
    for (let at = 0; at < width; at++) sum += (vectors[row * width + at] ?? NaN) * (direction[at] ?? NaN);
    return sum;
  });
}

/** What one unit of each input of a map (a neuron, a component of a head's z) writes along a direction. */
export function through({ matrix: { rows, cols, data, transposed } }: OutputMap, direction: Float64Array): Float64Array {
  const inputs = transposed ? cols : rows;
  return Float64Array.from({ length: inputs }, (_, input) => {
    let sum = 0;
    for (let at = 0; at < direction.length; at++) sum += (data[transposed ? at * cols + input : input * cols + at] ?? NaN) * (direction[at] ?? NaN);
    return sum;
  });
}

/** What the map writes along a direction when all its inputs are 0. */
export function biasAlong({ bias, after }: OutputMap, direction: Float64Array): number {
  return direction.reduce((sum, value, column) => sum + value * after.reduce((made, change) => change(made, column), bias?.[column] ?? 0), 0);
}
