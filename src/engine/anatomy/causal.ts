/** Whether a mask keeps positions from attending to later ones, read from how the mask is made. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { Origin } from './origin.ts';

const comparisons: ReadonlySet<string> = new Set(['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual']);

/**
 * Looks through what is added to or chosen into the scores. A triangle (`Trilu`) or a comparison of positions with
 * positions makes a mask causal; padding alone compares a mask with a number and does not.
 */
export function isCausal(scores: Value, origin: Origin, stop: (node: GraphNode) => boolean): boolean {
  const seen = new Set<Value>();
  const stack: Value[] = [scores];
  for (let value = stack.pop(); value; value = stack.pop()) {
    const producer = value.producer;
    if (!producer || seen.has(value)) continue;
    seen.add(value);
    if (producer.op === 'Trilu') return true;
    if (comparisons.has(producer.op) && producer.inputs.every((input) => input !== undefined && !origin.isConstant(input))) return true;
    if (stop(producer)) continue;
    for (const input of producer.inputs) if (input) stack.push(input);
  }
  return false;
}
