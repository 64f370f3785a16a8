/** Masks that stand in the file: a square table whose lower triangle differs from its upper one. */
import type { Weight } from '../onnx/graph.ts';
import { BOOL, UINT8 } from '../onnx/elementType.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { isFloat, readFloats, weightBytes } from '../onnx/weights.ts';
import { isSmall } from './smallWeight.ts';

/** What is added to a score to forbid it. */
const FORBIDDEN = -1e3;

/** Whether each position may attend to itself and the one before it, and to none after it. */
export function isTriangle(model: OnnxModel, weight: Weight): boolean {
  const size = weight.dims.at(-1) ?? 0;
  const count = weight.dims.reduce((product, dim) => product * dim, 1);
  if (size < 2 || weight.dims.at(-2) !== size || count !== size * size || !isSmall(model, weight)) return false;
  const allows = allowance(model, weight);
  if (!allows) return false;
  for (let row = 0; row < size; row++) {
    // A window may forbid what lies far behind.
    for (let col = Math.max(0, row - 1); col < size; col++) if (allows(row * size + col) !== (col <= row)) return false;
  }
  return true;
}

/** A mask says 1 or true where attending is allowed, or adds a large negative number where it is not. */
function allowance(model: OnnxModel, weight: Weight): ((index: number) => boolean) | undefined {
  if (weight.dataType === BOOL || weight.dataType === UINT8) {
    const bytes = weightBytes(model, weight);
    // `masked_fill` takes true for what is forbidden.
    return bytes[0] === 0 ? (index) => bytes[index] === 0 : (index) => bytes[index] !== 0;
  }
  if (!isFloat(weight)) return undefined;
  const { data } = readFloats(model, weight);
  return data[0] === 1 ? (index) => data[index] !== 0 : (index) => (data[index] ?? 0) > FORBIDDEN;
}
