/** Tensors that stand inside nodes: values of constants, initialisers of subgraphs. */
import type { AttributeProto, FunctionProto, GraphProto, NodeProto, SparseTensorProto, TensorProto } from './proto/onnx_pb.js';
import { graphsOf } from './subgraphs.ts';

export function* tensorsOfNode(node: NodeProto): Generator<TensorProto> {
  for (const attribute of node.attribute) yield* tensorsOfAttribute(attribute);
}

export function* tensorsOfFunction(made: FunctionProto): Generator<TensorProto> {
  for (const node of made.node) yield* tensorsOfNode(node);
  for (const attribute of made.attributeProto) yield* tensorsOfAttribute(attribute);
}

function* tensorsOfAttribute(attribute: AttributeProto): Generator<TensorProto> {
  if (attribute.t) yield attribute.t;
  yield* attribute.tensors;
  for (const sparse of [...(attribute.sparseTensor ? [attribute.sparseTensor] : []), ...attribute.sparseTensors]) yield* tensorsOfSparse(sparse);
  for (const graph of graphsOf(attribute)) yield* tensorsOfGraph(graph);
}

function* tensorsOfGraph(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const sparse of graph.sparseInitializer) yield* tensorsOfSparse(sparse);
  for (const node of graph.node) yield* tensorsOfNode(node);
}

function* tensorsOfSparse(sparse: SparseTensorProto): Generator<TensorProto> {
  if (sparse.values) yield sparse.values;
  if (sparse.indices) yield sparse.indices;
}
