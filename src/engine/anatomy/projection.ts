/** Linear maps with learnt weights. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { Origin } from './origin.ts';
import { dominator } from './walk.ts';

/** Operators that multiply by a matrix, and where their activation and weight stand. */
const products: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Einsum', 'FusedMatMul', 'MatMulNBits', 'DynamicQuantizeMatMul']);

export function isProduct(node: GraphNode): boolean {
  return products.has(node.op);
}

/** A product with a constant matrix. */
export function isProjection(node: GraphNode, origin: Origin): boolean {
  return isProduct(node) && activationsOf(node, origin).length === 1 && matrixOf(node, origin) !== undefined;
}

/** A product of two activations, as queries with keys. */
export function isActivationProduct(node: GraphNode, origin: Origin): boolean {
  return isProduct(node) && activationsOf(node, origin).length === 2;
}

/** Those of the first two operands that carry content. */
export function activationsOf(node: GraphNode, origin: Origin): readonly Value[] {
  return node.inputs.slice(0, 2).filter((input): input is Value => input !== undefined && origin.isContent(input));
}

/** The constant matrix of a projection. */
export function matrixOf(node: GraphNode, origin: Origin): Value | undefined {
  return node.inputs.slice(0, 2).find((input): input is Value => input !== undefined && origin.isConstant(input));
}

/** The projection that a value comes from with nothing but biases, scales, norms and reshapes in between. */
export function lastProjection(value: Value, origin: Origin): GraphNode | undefined {
  for (let current: Value | undefined = value; current; current = dominator(current, origin.isContent, isProduct)) {
    const producer = current.producer;
    if (producer && isProduct(producer)) return isProjection(producer, origin) ? producer : undefined;
  }
  return undefined;
}
