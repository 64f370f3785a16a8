/** Tensors that stand inside nodes: values of constants, initialisers of subgraphs. */
import type { AttributeProto, FunctionProto, GraphProto, NodeProto, SparseTensorProto, TensorProto } from './proto/onnx_pb.js';
import { graphsOf } from './subgraphs.ts';

export function tensorsOfNode(node: NodeProto): readonly TensorProto[] {
  const found: TensorProto[] = [];
  addOfNode(node, found);
  return found;
}

export function tensorsOfFunction(made: FunctionProto): readonly TensorProto[] {
  const found: TensorProto[] = [];
  for (const node of made.node) addOfNode(node, found);
  for (const attribute of made.attributeProto) addOfAttribute(attribute, found);
  return found;
}

function addOfNode(node: NodeProto, found: TensorProto[]): void {
  for (const attribute of node.attribute) addOfAttribute(attribute, found);
}

function addOfAttribute(attribute: AttributeProto, found: TensorProto[]): void {
  if (attribute.t) found.push(attribute.t);
  for (const tensor of attribute.tensors) found.push(tensor);
  if (attribute.sparseTensor) addOfSparse(attribute.sparseTensor, found);
  for (const sparse of attribute.sparseTensors) addOfSparse(sparse, found);
  for (const graph of graphsOf(attribute)) addOfGraph(graph, found);
}

function addOfGraph(graph: GraphProto, found: TensorProto[]): void {
  for (const tensor of graph.initializer) found.push(tensor);
  for (const sparse of graph.sparseInitializer) addOfSparse(sparse, found);
  for (const node of graph.node) addOfNode(node, found);
}

function addOfSparse(sparse: SparseTensorProto, found: TensorProto[]): void {
  if (sparse.values) found.push(sparse.values);
  if (sparse.indices) found.push(sparse.indices);
}
