/** ONNX messages by hand: what tests need of them in few words. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType, AttributeProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, OperatorSetIdProtoSchema, StringStringEntryProtoSchema,
  TensorProto_DataLocation, TensorProtoSchema, TensorShapeProto_DimensionSchema, TensorShapeProtoSchema, TypeProto_TensorSchema, TypeProtoSchema, ValueInfoProtoSchema,
} from '../../src/engine/onnx/proto/onnx_pb.js';
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../../src/engine/onnx/proto/onnx_pb.js';

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;

/** Whole numbers are integers; a float that happens to be whole is asked for by name. */
type AttributeValue = number | { readonly float: number } | string | readonly number[] | TensorProto | GraphProto;

export function node(op: string, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}, domain = ''): NodeProto {
  return create(NodeProtoSchema, {
    opType: op, domain, input: [...inputs], output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value) });
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) })
      : create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value });
  }
  if ('float' in (value as object)) return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: (value as { readonly float: number }).float });
  if (Array.isArray(value)) return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: (value as readonly number[]).map(BigInt) });
  if ((value as GraphProto).$typeName === 'onnx.GraphProto') return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g: value as GraphProto });
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.TENSOR, t: value as TensorProto });
}

export function tensor(name: string, dataType: number, dims: readonly number[], fields: Partial<Pick<TensorProto, 'rawData' | 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data' | 'stringData'>>): TensorProto {
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), ...fields });
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const floats = (name: string, dims: readonly number[], values: readonly number[]): TensorProto =>
  tensor(name, FLOAT, dims, { rawData: bytesOf(Float32Array.from(values)) });

/** In half precision, rounded towards zero; for numbers between 2^-14 and 65504 in magnitude. */
export const halves = (name: string, dims: readonly number[], values: readonly number[]): TensorProto =>
  tensor(name, FLOAT16, dims, { rawData: bytesOf(Uint16Array.from(values, toHalf)) });

function toHalf(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
  return value === 0 ? 0 : ((bits >>> 16) & 0x8000) | ((((bits >>> 23) & 0xff) - 112) << 10) | ((bits >>> 13) & 0x3ff);
}

export const integers = (name: string, dims: readonly number[], values: readonly number[]): TensorProto =>
  tensor(name, INT64, dims, { rawData: bytesOf(BigInt64Array.from(values, BigInt)) });

/** A tensor whose elements lie beside the model. */
export function external(name: string, dataType: number, dims: readonly number[], entries: Readonly<Record<string, string>>): TensorProto {
  return create(TensorProtoSchema, {
    name, dataType, dims: dims.map(BigInt), dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });
}

/** Without a shape, of any. */
export function valueInfo(name: string, elemType: number, shape?: readonly (number | string)[]): ValueInfoProto {
  const dim = shape?.map((size) => create(TensorShapeProto_DimensionSchema, { value: typeof size === 'number' ? { case: 'dimValue', value: BigInt(size) } : { case: 'dimParam', value: size } }));
  const type = create(TypeProto_TensorSchema, { elemType, ...(dim ? { shape: create(TensorShapeProtoSchema, { dim }) } : {}) });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: type } }) });
}

export interface GraphParts {
  readonly nodes: readonly NodeProto[];
  readonly weights?: readonly TensorProto[];
  readonly inputs?: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
}

export function graph({ nodes, weights = [], inputs = [], outputs }: GraphParts): GraphProto {
  return create(GraphProtoSchema, { name: 'graph', node: [...nodes], initializer: [...weights], input: [...inputs], output: [...outputs] });
}

export interface ModelOptions {
  readonly opset?: Readonly<Record<string, number>>;
  readonly functions?: readonly FunctionProto[];
  readonly irVersion?: number;
}

export function model(parts: GraphParts, { opset = { '': 18 }, functions = [], irVersion = 10 }: ModelOptions = {}): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: BigInt(irVersion), producerName: 'test', graph: graph(parts), functions: [...functions],
    opsetImport: Object.entries(opset).map(([domain, version]) => create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) })),
  });
}

export const modelBytes = (proto: ModelProto): Uint8Array => toBinary(ModelProtoSchema, proto);
