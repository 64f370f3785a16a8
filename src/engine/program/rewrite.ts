/**
 * Small rewritings that keep shapes from tying stages together, without changing a number:
 * - a node that asks for the shape of a residual state asks the first state instead, since all have the same shape; so
 *   shape vectors come from stage 0 whatever the cut, and are right for stacked variants;
 * - a Reshape to the shape that a tensor already has is an Identity, so that the last stage can run at chosen positions.
 */
import { clone } from '@bufbuild/protobuf';
import type { GraphNode, Value } from '../onnx/graph.ts';
import { flowsFrom } from '../anatomy/walk.ts';
import { sameShape } from '../onnx/infer/infer.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { NodeProtoSchema } from '../onnx/proto/onnx_pb.js';
import type { NodeProto } from '../onnx/proto/onnx_pb.js';

export class Rewriter {
  /** Values that have the shape of a tower's first state, with that state. */
  private readonly alike: ReadonlyMap<Value, Value>;
  private readonly types: TypeTable;

  /** `towers`: the residual states of each in order; values of the first one's shape that are made from it are treated like them. */
  constructor(types: TypeTable, towers: readonly (readonly Value[])[]) {
    const alike = new Map<Value, Value>();
    // What a decoder makes is made from its encoder's states too: the later tower has the last word.
    for (const states of towers) {
      const [first] = states;
      if (!first?.producer) continue;
      const flow = flowsFrom(types.graph, [first]);
      const shape = types.of(first).shape;
      for (const value of types.graph.values) if (flow[value.id] === 1 && (states.includes(value) || sameShape(types.of(value).shape, shape))) alike.set(value, first);
    }
    this.alike = alike;
    this.types = types;
  }

  /** What a node reads after rewriting, captures of its subgraphs included. */
  reads(node: GraphNode): readonly Value[] {
    const inputs = node.inputs.filter((input): input is Value => input !== undefined);
    if (this.isNoReshape(node)) return inputs.slice(0, 1);
    return [...inputs.map((input) => this.source(node, input)), ...node.captured];
  }

  /** The node as a stage holds it. */
  proto(node: GraphNode): NodeProto {
    const [input] = node.inputs;
    if (this.isNoReshape(node)) {
      return { ...clone(NodeProtoSchema, node.proto), opType: 'Identity', input: node.proto.input.slice(0, 1), attribute: [] };
    }
    const source = input && this.source(node, input);
    if (!source || source === input) return node.proto;
    const proto = clone(NodeProtoSchema, node.proto);
    proto.input[0] = source.name;
    return proto;
  }

  private source(node: GraphNode, input: Value): Value {
    return node.op === 'Shape' ? this.alike.get(input) ?? input : input;
  }

  isNoReshape(node: GraphNode): boolean {
    const [input] = node.inputs;
    const [output] = node.outputs;
    return node.op === 'Reshape' && node.domain === '' && input !== undefined && output !== undefined && sameShape(this.types.of(input).shape, this.types.of(output).shape);
  }
}
