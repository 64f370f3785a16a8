/** Constant nodes whose tensor was left in a file are weights in all but name. */
import type { GraphProto, NodeProto } from './proto/onnx_pb.js';
import { liesElsewhere } from './weightPlaces.ts';

/** Makes initialisers of them, which ONNX Runtime can be given by reference. Changes `graph`. */
export function constantsToWeights(graph: GraphProto): void {
  if (!graph.node.some((node) => node.opType === 'Constant')) return;
  const left: NodeProto[] = [];
  for (const node of graph.node) {
    const value = node.opType === 'Constant' ? node.attribute.find((attribute) => attribute.name === 'value')?.t : undefined;
    const [output] = node.output;
    if (value && output && liesElsewhere(value)) {
      value.name = output;
      graph.initializer.push(value);
    } else {
      left.push(node);
    }
  }
  graph.node = left;
}
