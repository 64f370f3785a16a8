import { clone } from '@bufbuild/protobuf';
import type { GraphNode, Value } from '../onnx/graph.ts';
import { NodeProtoSchema } from '../onnx/proto/onnx_pb.js';
import type { NodeProto } from '../onnx/proto/onnx_pb.js';
import { rewired } from './plan.ts';

/** The protobuf nodes of a stage, with shape questions about later states asked of the first one (see plan.ts). */
export function stageNodes(nodes: readonly GraphNode[], sameShape: ReadonlySet<Value>, firstCut: Value | undefined): readonly NodeProto[] {
  const cuts = firstCut ? [firstCut] : [];
  return nodes.map((node) => {
    const [input] = node.inputs;
    const source = input && rewired(input, node, { cuts, sameShape });
    if (!source || source === input) return node.proto;
    const proto = clone(NodeProtoSchema, node.proto);
    proto.input[0] = source.name;
    return proto;
  });
}
