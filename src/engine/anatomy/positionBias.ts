/** Positions told by a bias on the scores: learnt by distance (T5) or a slope a head (ALiBi). */
import type { GraphNode, Value, Weight } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { Origin } from './origin.ts';
import type { Reading } from './types.ts';
import { isShapeOp, nodesBetween } from './walk.ts';

/** A mask is the same for every head; what differs by head and is added between product and softmax is a bias by position. */
export function positionBias(softmaxInput: Value, product: GraphNode, heads: number | null, { types, origin, isSloped }: Reading): 'alibi' | 'relative' | null {
  if (heads === null || heads < 2) return null;
  for (const added of addedTo(softmaxInput, product)) {
    const shape = types.of(added).shape;
    const byHead = asNumber(shape?.at(-3)) === heads || (shape?.length === 3 && shape[0]?.coefficient === heads && shape[0].symbols.length > 0);
    const table = origin.isConstant(added) ? inFile(added) : undefined;
    if (byHead && table) return isSloped(table) ? 'alibi' : 'relative';
    if (byHead) return looksUpTable(added, origin) ? 'relative' : 'alibi';
    // Disentangled attention picks the products with embeddings of distances, position by position.
    if (origin.isContent(added) && someBefore(added, (node) => node.op === 'GatherElements')) return 'relative';
  }
  return null;
}

/** The weight that a constant is, perhaps in another shape. */
function inFile(value: Value): Weight | undefined {
  let current: Value | undefined = value;
  while (current?.producer && ['Reshape', 'Unsqueeze', 'Squeeze', 'Cast', 'Identity'].includes(current.producer.op)) current = current.producer.inputs[0];
  return current?.weight;
}

/** Operands of the sums on the way from the product to the softmax that are not on it themselves. */
function addedTo(softmaxInput: Value, product: GraphNode): readonly Value[] {
  const [scores] = product.outputs;
  const onWay = scores ? nodesBetween(scores, softmaxInput) : [];
  const made = new Set([scores, ...onWay.flatMap((node) => node.outputs)]);
  return onWay.filter((node) => node.op === 'Add').flatMap((node) => node.inputs.filter((input): input is Value => input !== undefined && !made.has(input)));
}

/** Whether a learnt table is looked up on the way to a value. */
function looksUpTable(value: Value, origin: Origin): boolean {
  return someBefore(value, ({ op, inputs: [table] }) => op === 'Gather' && table !== undefined && origin.isConstant(table));
}

/** Whether `found` holds for a node on the way to a value. */
function someBefore(value: Value, found: (node: GraphNode) => boolean): boolean {
  const seen = new Set<Value>();
  const stack: Value[] = [value];
  for (let current = stack.pop(); current; current = stack.pop()) {
    const { producer }: Value = current;
    if (!producer || isShapeOp(producer) || seen.has(current)) continue;
    seen.add(current);
    if (found(producer)) return true;
    for (const input of producer.inputs) if (input) stack.push(input);
  }
  return false;
}
