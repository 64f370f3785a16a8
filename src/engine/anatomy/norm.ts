/** Norms: layer norm and root-mean-square norm, as one operator or written out. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { Origin } from './origin.ts';
import { nodesBetween } from './walk.ts';

/** Norms that are one operator. */
const normOps: ReadonlySet<string> = new Set(['LayerNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization', 'GroupNormalization', 'InstanceNormalization']);

/** Whether what lies between two values is a norm: nodes that take a mean over the last axis and a root. */
export function isNorm(from: Value, to: Value): boolean {
  const nodes = nodesBetween(from, to);
  return nodes.some((node) => normOps.has(node.op)) || (nodes.some((node) => node.op === 'ReduceMean') && nodes.some((node) => node.op === 'Sqrt' || node.op === 'Pow'));
}

/**
 * The norm's output where all of a value's readers belong to one norm that stands right behind it: what flows on in a
 * post-norm model. Undefined where something else reads the value too.
 */
export function normBehind(value: Value, origin: Origin): Value | undefined {
  let end = meeting(value);
  // Written out, everything passes the difference from the mean first.
  for (let steps = 0; end && !isNorm(value, end) && steps < 2; steps++) end = meeting(end);
  if (!end || !isNorm(value, end)) return undefined;
  // Scale and bias are elementwise with constants and stand last.
  for (;;) {
    const next: GraphNode | undefined = end.consumers[0];
    const made: Value | undefined = next?.outputs[0];
    if (end.consumers.length !== 1 || !next || !made || !isAffine(next, origin)) return end;
    end = made;
  }
}

const isAffine = (node: GraphNode, origin: Origin): boolean =>
  (node.op === 'Mul' || node.op === 'Add') && node.inputs.filter((input) => input && origin.isContent(input)).length === 1;

/** The first value that everything flowing from `value` passes. */
function meeting(value: Value): Value | undefined {
  const frontier = new Set<GraphNode>(value.consumers);
  let last: Value | undefined;
  for (let steps = 0; frontier.size > 0 && steps < 32; steps++) {
    const node: GraphNode = [...frontier].reduce((first, other) => (other.index < first.index ? other : first));
    frontier.delete(node);
    const output = node.outputs[0];
    if (!output) return undefined;
    last = output;
    if (frontier.size === 0) return last;
    for (const consumer of output.consumers) frontier.add(consumer);
  }
  return undefined;
}
