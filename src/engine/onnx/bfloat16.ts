/** Graphs that compute in bfloat16, for which ONNX Runtime has no operators on a CPU; weights kept in it and cast do no harm. */
import { BFLOAT16 } from './elementType.ts';
import type { TypeTable } from './infer/infer.ts';

/** Operators that move elements of any type, or turn them into another. */
const moving: ReadonlySet<string> = new Set([
  'Cast', 'CastLike', 'Identity', 'Reshape', 'Transpose', 'Gather', 'GatherND', 'GatherElements', 'Concat', 'Split', 'Slice', 'Squeeze', 'Unsqueeze', 'Flatten', 'Constant', 'ConstantOfShape', 'DequantizeLinear',
]);

/** An operator that makes bfloat16 by calculating, if there is one. */
export function computedInBfloat16({ graph, of }: TypeTable): string | undefined {
  return graph.nodes.find((node) => node.domain === '' && !moving.has(node.op) && node.outputs[0] && of(node.outputs[0]).elemType === BFLOAT16)?.op;
}
