/**
 * Attention's anchor: a softmax between two products of activations (reference: exports, section 1).
 *
 * A router's softmax (mixture of experts) has no product before and TopK behind it, and is left alone.
 */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { intAttribute } from '../onnx/attributes.ts';
import type { Origin } from './origin.ts';
import { isActivationProduct } from './projection.ts';

export interface AttentionAnchor {
  readonly softmax: GraphNode;
  /** Queries times keys. */
  readonly scoresProduct: GraphNode;
  /** Pattern times values. */
  readonly outputProduct: GraphNode;
  /** The pattern as it enters the second product, after any guard. */
  readonly pattern: Value;
  /** The values as they enter it. */
  readonly values: Value;
}

/** An anchor that was seen but cannot be read, with the reason. */
export interface AnchorProblem {
  readonly softmax: GraphNode;
  readonly reason: string;
}

export function findAnchors(graph: Graph, types: TypeTable, origin: Origin): { readonly anchors: readonly AttentionAnchor[]; readonly problems: readonly AnchorProblem[] } {
  const anchors: AttentionAnchor[] = [];
  const problems: AnchorProblem[] = [];
  for (const node of graph.nodes) {
    if (node.op !== 'Softmax' || node.domain !== '') continue;
    const found = readAnchor(node, types, origin);
    if (found === undefined) continue;
    if ('reason' in found) problems.push(found);
    else anchors.push(found);
  }
  return { anchors, problems };
}

/** Undefined where a softmax does not stand between two products of activations. */
export function readAnchor(softmax: GraphNode, types: TypeTable, origin: Origin): AttentionAnchor | AnchorProblem | undefined {
  const [input] = softmax.inputs;
  const [output] = softmax.outputs;
  if (!input || !output || !origin.isContent(input)) return undefined;
  const uses = outputProducts(output, origin);
  const products = scoreProducts(input, origin);
  if (uses.length === 0 || products.length === 0) return undefined;
  const axis = intAttribute(softmax, 'axis') ?? (types.opset < 13 ? 1 : -1);
  const rank = types.of(input).shape?.length;
  if (axis !== -1 && (rank === undefined || axis !== rank - 1)) return { softmax, reason: `its softmax runs over axis ${axis} of ${rank ?? 'an unknown number of'} axes, not over the last one` };
  const [use] = uses;
  const [product] = products;
  if (!use || uses.length > 1) return { softmax, reason: `its softmax feeds ${uses.length} products, not one` };
  if (!product || products.length > 1) {
    return { softmax, reason: `${products.length} products of activations make its scores, as in disentangled attention, which is not read yet` };
  }
  // An Einsum says by letters what it sums over, in any order.
  if (use.product.op !== 'Einsum' && use.product.inputs[0] !== use.pattern) return { softmax, reason: 'its pattern stands behind the values in their product, so that it mixes the positions that attend' };
  return { softmax, scoresProduct: product, outputProduct: use.product, pattern: use.pattern, values: use.values };
}

/** What may stand between softmax and product without changing what the pattern is. */
const afterSoftmax: ReadonlySet<string> = new Set(['Cast', 'Reshape', 'Dropout', 'Identity', 'Where', 'QuantizeLinear', 'DequantizeLinear']);

interface Use {
  readonly product: GraphNode;
  readonly pattern: Value;
  readonly values: Value;
}

function outputProducts(softmaxOutput: Value, origin: Origin): readonly Use[] {
  const uses: Use[] = [];
  const queue: Value[] = [softmaxOutput];
  const seen = new Set<Value>(queue);
  for (let value = queue.shift(); value; value = queue.shift()) {
    for (const consumer of value.consumers) {
      const [a, b] = consumer.inputs;
      if (isActivationProduct(consumer, origin) && a && b) {
        uses.push({ product: consumer, pattern: value, values: a === value ? b : a });
      } else if (afterSoftmax.has(consumer.op)) {
        const next = consumer.outputs[0];
        if (next && !seen.has(next)) {
          seen.add(next);
          queue.push(next);
        }
      }
    }
  }
  return uses;
}

/** What may stand between product and softmax: scale, mask, bias, soft cap, casts, reshapes. */
export const beforeSoftmax: ReadonlySet<string> = new Set([
  'Add', 'Sub', 'Mul', 'Div', 'Where', 'Cast', 'Reshape', 'Identity', 'Tanh', 'Max', 'Clip', 'Unsqueeze', 'Squeeze', 'QuantizeLinear', 'DequantizeLinear',
]);

function scoreProducts(softmaxInput: Value, origin: Origin): readonly GraphNode[] {
  const products = new Set<GraphNode>();
  const seen = new Set<Value>();
  const stack: Value[] = [softmaxInput];
  for (let value = stack.pop(); value; value = stack.pop()) {
    const producer = value.producer;
    if (!producer || seen.has(value) || !origin.isContent(value)) continue;
    seen.add(value);
    if (isActivationProduct(producer, origin)) products.add(producer);
    else if (beforeSoftmax.has(producer.op)) stack.push(...producer.inputs.filter((input): input is Value => input !== undefined));
  }
  return [...products];
}
