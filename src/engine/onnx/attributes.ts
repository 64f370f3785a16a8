/** Attributes of a node by name. */
import type { AttributeProto, TensorProto } from './proto/onnx_pb.js';
import type { GraphNode } from './graph.ts';

export function attribute(node: GraphNode, name: string): AttributeProto | undefined {
  return node.proto.attribute.find((candidate) => candidate.name === name);
}

export function intAttribute(node: GraphNode, name: string): number | undefined {
  const found = attribute(node, name);
  return found ? Number(found.i) : undefined;
}

export function intsAttribute(node: GraphNode, name: string): readonly number[] | undefined {
  return attribute(node, name)?.ints.map(Number);
}

export function tensorAttribute(node: GraphNode, name: string): TensorProto | undefined {
  return attribute(node, name)?.t;
}

export function stringAttribute(node: GraphNode, name: string): string | undefined {
  const found = attribute(node, name);
  return found && new TextDecoder().decode(found.s);
}
