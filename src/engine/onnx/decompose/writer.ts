/** Writes plain operators in place of a fused one: nodes, small constants, and names that nothing else has. */
import { create } from '@bufbuild/protobuf';
import { FLOAT, FLOAT16, INT64 } from '../elementType.ts';
import { freshName } from '../freshName.ts';
import type { GraphNode, Weight } from '../graph.ts';
import { toFloat16 } from '../halfFloat.ts';
import { AttributeProto_AttributeType, AttributeProtoSchema, NodeProtoSchema } from '../proto/onnx_pb.js';
import type { AttributeProto, NodeProto } from '../proto/onnx_pb.js';

/** Whole numbers are integers; a float is asked for by name. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** What all writers of one graph share: the names in use and the constants made so far. */
export class Names {
  readonly constants = new Map<string, Weight>();
  private readonly used: Set<string>;
  private readonly byContent = new Map<string, string>();

  constructor(used: Iterable<string>) {
    this.used = new Set(used);
  }

  fresh(base: string): string {
    return freshName(base, this.used);
  }

  constant(dataType: number, dims: readonly number[], bytes: Uint8Array): string {
    const key = `${dataType}:${dims.join()}:${bytes.join()}`;
    const known = this.byContent.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('#constant');
    this.byContent.set(key, name);
    this.constants.set(name, { name, dataType, dims, storage: { kind: 'inline', bytes } });
    return name;
  }
}

export class Writer {
  readonly nodes: NodeProto[] = [];
  readonly opset: number;
  private readonly source: GraphNode;
  private readonly base: string;
  private readonly names: Names;

  constructor(source: GraphNode, opset: number, names: Names) {
    this.source = source;
    this.opset = opset;
    this.names = names;
    this.base = source.outputs.find((output) => output !== undefined)?.name ?? source.op;
  }

  /** One operator of the standard set with one result; its name. Undefined inputs at the end are left out. */
  op(type: string, inputs: readonly (string | undefined)[], attributes: Attributes = {}): string {
    return this.ops(type, inputs, attributes, 1)[0] as string;
  }

  ops(type: string, inputs: readonly (string | undefined)[], attributes: Attributes, count: number): readonly string[] {
    const output = Array.from({ length: count }, (_, index) => this.names.fresh(`${this.base}#${type}${count > 1 ? index : ''}`));
    this.nodes.push(create(NodeProtoSchema, {
      opType: type,
      name: output[0] ?? '',
      input: inputs.slice(0, inputs.findLastIndex((input) => input !== undefined) + 1).map((input) => input ?? ''),
      output: [...output],
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      // The Python line that made the fused operator made these.
      metadataProps: this.source.proto.metadataProps,
    }));
    return output;
  }

  integers(values: readonly number[]): string {
    return this.names.constant(INT64, [values.length], bytesOf(BigInt64Array.from(values, BigInt)));
  }

  integer(value: number): string {
    return this.names.constant(INT64, [], bytesOf(BigInt64Array.of(BigInt(value))));
  }

  /** A scalar of a float type. */
  number(value: number, elemType: number): string {
    return this.names.constant(elemType, [], bytesOf(elemType === FLOAT16 ? toFloat16([value]) : Float32Array.of(value)));
  }

  unsqueeze(value: string, axes: readonly number[]): string {
    return this.opset < 13 ? this.op('Unsqueeze', [value], { axes }) : this.op('Unsqueeze', [value, this.integers(axes)]);
  }

  squeeze(value: string, axes: readonly number[]): string {
    return this.opset < 13 ? this.op('Squeeze', [value], { axes }) : this.op('Squeeze', [value, this.integers(axes)]);
  }

  split(value: string, axis: number, sizes: readonly number[]): readonly string[] {
    return this.opset < 13
      ? this.ops('Split', [value], { axis, split: sizes }, sizes.length)
      : this.ops('Split', [value, this.integers(sizes)], { axis }, sizes.length);
  }

  sum(value: string, axis: number): string {
    const kept = { keepdims: 0 };
    return this.opset < 13 ? this.op('ReduceSum', [value], { axes: [axis], ...kept }) : this.op('ReduceSum', [value, this.integers([axis])], kept);
  }

  reshape(value: string, shape: readonly number[]): string {
    return this.op('Reshape', [value, this.integers(shape)]);
  }

  transpose(value: string, perm: readonly number[]): string {
    return this.op('Transpose', [value], { perm });
  }

  /** The size of an axis, as a scalar. */
  size(value: string, axis: number): string {
    return this.op('Gather', [this.op('Shape', [value]), this.integer(axis)]);
  }

  /** The numbers from `from` up to `to`, both scalars. */
  range(from: string, to: string): string {
    return this.op('Range', [from, to, this.integer(1)]);
  }

  cast(value: string, to: number): string {
    return this.op('Cast', [value], { to });
  }

  /** Fed where nothing else of the type fits: the smallest number. */
  lowest(elemType: number): string {
    return this.number(elemType === FLOAT16 ? -65504 : LOWEST, elemType);
  }
}

const LOWEST = -3.4028234663852886e38;

/** Types whose constants a writer can make. */
export const writable: ReadonlySet<number> = new Set([FLOAT, FLOAT16]);

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
}
