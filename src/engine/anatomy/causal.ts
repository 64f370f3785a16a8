/** Whether a mask keeps positions from attending to later ones, read from how the mask is made. */
import type { Value, Weight } from '../onnx/graph.ts';
import type { Origin } from './origin.ts';
import { isProduct } from './projection.ts';

const comparisons: ReadonlySet<string> = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']);

/**
 * Looks through what is added to or chosen into the scores, as far as the products. A triangle (made by `Trilu`, or kept in the file) or a comparison
 * of positions with positions makes a mask causal; padding alone compares a mask with a number and does not. Layers share their masks,
 * so what is found is kept.
 */
export function causality(origin: Origin, isTriangle: (weight: Weight) => boolean): (scores: Value) => boolean {
  const known = new Map<Value, boolean>();
  const isMark = ({ producer, weight }: Value): boolean => {
    if (weight && isTriangle(weight)) return true;
    if (producer?.op === 'Trilu') return true;
    return producer !== undefined && comparisons.has(producer.op) && producer.inputs.every((input) => input !== undefined && !origin.isConstant(input));
  };
  return (scores) => {
    const readBy = new Map<Value, Value | undefined>([[scores, undefined]]);
    const stack: Value[] = [scores];
    for (let value = stack.pop(); value; value = stack.pop()) {
      if (known.get(value) ?? isMark(value)) {
        for (let on: Value | undefined = value; on; on = readBy.get(on)) known.set(on, true);
        return true;
      }
      const { producer }: Value = value;
      if (!producer || isProduct(producer) || known.has(value)) continue;
      for (const input of producer.inputs) {
        if (!input || readBy.has(input)) continue;
        readBy.set(input, value);
        stack.push(input);
      }
    }
    for (const value of readBy.keys()) known.set(value, false);
    return false;
  };
}
