/** Whether a mask keeps positions from attending to later ones, read from how the mask is made. */
import type { GraphNode, Value, Weight } from '../onnx/graph.ts';
import type { Origin } from './origin.ts';

const comparisons: ReadonlySet<string> = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']);

/**
 * Looks through what is added to or chosen into the scores. A triangle (made by `Trilu`, or kept in the file) or a comparison of
 * positions with positions makes a mask causal; padding alone compares a mask with a number and does not.
 */
export function isCausal(scores: Value, origin: Origin, isTriangle: (weight: Weight) => boolean, stop: (node: GraphNode) => boolean): boolean {
  const seen = new Set<Value>();
  const stack: Value[] = [scores];
  for (let value = stack.pop(); value; value = stack.pop()) {
    const { producer, weight }: Value = value;
    if (seen.has(value)) continue;
    seen.add(value);
    if (weight && isTriangle(weight)) return true;
    if (!producer) continue;
    if (producer.op === 'Trilu') return true;
    if (comparisons.has(producer.op) && producer.inputs.every((input) => input !== undefined && !origin.isConstant(input))) return true;
    if (stop(producer)) continue;
    for (const input of producer.inputs) if (input) stack.push(input);
  }
  return false;
}
