/** Writes the nodes of a probe: operators of the standard set, in the version that the model asks for. */
import { create } from '@bufbuild/protobuf';
import { attributeProto } from '../../onnx/decompose/writer.ts';
import type { Attributes } from '../../onnx/decompose/writer.ts';
import { FLOAT, INT64 } from '../../onnx/elementType.ts';
import { AttributeProto_AttributeType, AttributeProtoSchema, GraphProtoSchema, NodeProtoSchema, TensorProtoSchema, ValueInfoProtoSchema } from '../../onnx/proto/onnx_pb.js';
import type { AttributeProto, NodeProto } from '../../onnx/proto/onnx_pb.js';

export class ProbeBuilder {
  readonly nodes: NodeProto[] = [];
  private readonly prefix: string;
  private readonly opset: number;
  private count = 0;

  /** `prefix` begins every name, and no other name of the model. */
  constructor(prefix: string, opset: number) {
    this.prefix = prefix;
    this.opset = opset;
  }

  op(opType: string, input: readonly string[], attributes: Attributes = {}, output = this.fresh()): string {
    this.nodes.push(create(NodeProtoSchema, { opType, input: [...input], output: [output], attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)) }));
    return output;
  }

  /** One of two values, of which only the one that is chosen is computed: what each writes of nodes is its own. */
  either(condition: string, chosen: () => string, otherwise: () => string): string {
    const branch = (name: string, write: () => string): AttributeProto => {
      const from = this.nodes.length;
      const output = write();
      const graph = create(GraphProtoSchema, { name: this.fresh(), node: this.nodes.splice(from), output: [create(ValueInfoProtoSchema, { name: output })] });
      return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: graph });
    };
    const output = this.fresh();
    this.nodes.push(create(NodeProtoSchema, { opType: 'If', input: [condition], output: [output], attribute: [branch('then_branch', chosen), branch('else_branch', otherwise)] }));
    return output;
  }

  /** With an axis of 1 more at the end. */
  widened(value: string, axis: number): string {
    return this.opset < 13 ? this.op('Unsqueeze', [value], { axes: [axis] }) : this.op('Unsqueeze', [value, this.integers([axis])]);
  }

  /** The `count` largest along the last axis, the largest first, under the name `values`; where they stand is returned. */
  topK(value: string, count: number, values: string): string {
    return this.ranked(value, count, values, 1);
  }

  /** The same for the smallest, the smallest first. */
  bottomK(value: string, count: number, values: string): string {
    if (this.opset >= 11) return this.ranked(value, count, values, 0);
    const negated = this.fresh();
    const places = this.ranked(this.op('Neg', [value]), count, negated, 1);
    this.op('Neg', [negated], {}, values);
    return places;
  }

  private ranked(value: string, count: number, values: string, largest: 0 | 1): string {
    const places = this.fresh();
    const attributes = { axis: -1, ...(this.opset >= 11 ? { largest } : {}) };
    this.nodes.push(create(NodeProtoSchema, { opType: 'TopK', input: [value, this.integers([count])], output: [values, places], attribute: Object.entries(attributes).map(([name, own]) => attributeProto(name, own)) }));
    return places;
  }

  /** The largest along an axis; where the axes stand depends on the version. */
  reduceMax(value: string, axis: number, output = this.fresh()): string {
    return this.opset < 18
      ? this.op('ReduceMax', [value], { axes: [axis], keepdims: 0 }, output)
      : this.op('ReduceMax', [value, this.integers([axis])], { keepdims: 0 }, output);
  }

  floats(dims: readonly number[], values: Float32Array): string {
    return this.constant(FLOAT, dims, values);
  }

  integers(values: readonly number[]): string {
    return this.constant(INT64, [values.length], BigInt64Array.from(values, BigInt));
  }

  private constant(dataType: number, dims: readonly number[], values: ArrayBufferView): string {
    const output = this.fresh();
    const tensor = create(TensorProtoSchema, { dataType, dims: dims.map(BigInt), rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    const attribute = create(AttributeProtoSchema, { name: 'value', type: AttributeProto_AttributeType.TENSOR, t: tensor });
    this.nodes.push(create(NodeProtoSchema, { opType: 'Constant', output: [output], attribute: [attribute] }));
    return output;
  }

  private fresh(): string {
    return `${this.prefix}.${this.count++}`;
  }
}
