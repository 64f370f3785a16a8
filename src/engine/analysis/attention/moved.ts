/** What attention moves: values through W_O, without making the vectors where a number of each is all that is wanted. In double precision. */
import type { CanonicalArray } from '../../anatomy/canonical.ts';
import { through } from '../lens/products.ts';
import { outputRow } from '../outputMap.ts';
import type { OutputMap } from '../outputMap.ts';

/** Vectors of heads as they enter W_O: [1, positions, heads, dHead]; shared ones stand once for each group. */
export type HeadVectors = CanonicalArray;

/** Where a head's vector at a position begins. Groups of `heads / kv` share one. */
function startOf({ shape }: HeadVectors, heads: number, position: number, head: number): number {
  const [, , kv = 1, width = 1] = shape;
  return (position * kv + Math.floor((head * kv) / heads)) * width;
}

/** Euclidean norms of each vector through W_O, [heads, positions]: the root of v W Wᵀ vᵀ, where W Wᵀ is made once for each head. */
export function normsThrough(vectors: HeadVectors, map: OutputMap, heads: number): Float32Array {
  const [, positions = 0, , width = 1] = vectors.shape;
  const norms = new Float32Array(heads * positions);
  for (let head = 0; head < heads; head++) {
    const gram = gramOf(map, head * width, width);
    for (let position = 0; position < positions; position++) {
      const start = startOf(vectors, heads, position, head);
      let sum = 0;
      for (let i = 0; i < width; i++) {
        let row = 0;
        for (let j = 0; j < width; j++) row += (gram[i * width + j] ?? NaN) * (vectors.data[start + j] ?? NaN);
        sum += row * (vectors.data[start + i] ?? NaN);
      }
      norms[head * positions + position] = Math.sqrt(Math.max(sum, 0));
    }
  }
  return norms;
}

/** W Wᵀ of the rows of one head. */
function gramOf(map: OutputMap, first: number, width: number): Float64Array {
  const rows = Array.from({ length: width }, (_, at) => outputRow(map, first + at));
  const gram = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) {
      const [a, b] = [rows[i] ?? new Float32Array(), rows[j] ?? new Float32Array()];
      let sum = 0;
      for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
      gram[i * width + j] = sum;
      gram[j * width + i] = sum;
    }
  }
  return gram;
}

/** What each vector writes along a direction of the stream, [heads, positions]. */
export function alongThrough(vectors: HeadVectors, map: OutputMap, heads: number, direction: Float64Array): Float64Array {
  const [, positions = 0, , width = 1] = vectors.shape;
  const unit = through(map, direction);
  return Float64Array.from({ length: heads * positions }, (_, at) => {
    const [head, position] = [Math.floor(at / positions), at % positions];
    const start = startOf(vectors, heads, position, head);
    let sum = 0;
    for (let index = 0; index < width; index++) sum += (vectors.data[start + index] ?? NaN) * (unit[head * width + index] ?? NaN);
    return sum;
  });
}

/** What one head writes into the stream at one position: [dModel]. */
export function written(vectors: HeadVectors, map: OutputMap, heads: number, head: number, position: number): Float32Array {
  const [, , , width = 1] = vectors.shape;
  const start = startOf(vectors, heads, position, head);
  const sum = new Float64Array(outputRow(map, 0).length);
  for (let index = 0; index < width; index++) {
    const [value, row] = [vectors.data[start + index] ?? NaN, outputRow(map, head * width + index)];
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + value * (row[at] ?? NaN);
  }
  return Float32Array.from(sum);
}
