/** Biases by position that stand in the file: what falls or rises evenly from position to position is ALiBi's, what does not was learnt. */
import type { Weight } from '../onnx/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { isFloat, readFloats } from '../onnx/weights.ts';
import { isSmall } from './smallWeight.ts';

/** Relative to the largest step: half precision rounds. */
const ROUNDING = 0.01;

/** Whether every row of the last axis goes in even steps. */
export function isSloped(model: OnnxModel, weight: Weight): boolean {
  const size = weight.dims.at(-1) ?? 0;
  if (size < 3 || !isFloat(weight) || !isSmall(model, weight)) return false;
  const { data } = readFloats(model, weight);
  for (let start = 0; start < data.length; start += size) {
    const step = (data[start + 1] ?? NaN) - (data[start] ?? NaN);
    for (let col = 2; col < size; col++) {
      const next = (data[start + col] ?? NaN) - (data[start + col - 1] ?? NaN);
      if (!(Math.abs(next - step) <= ROUNDING * Math.max(Math.abs(step), Math.abs(next)))) return false;
    }
  }
  return true;
}
