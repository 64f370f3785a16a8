/** Tensors as plain data, and their way to and from ONNX Runtime's. */
import { CogscopeError } from '../../shared/errors.ts';
import { BFLOAT16, elementTypeName as nameOf, elementTypes } from '../onnx/elementType.ts';
import { float16ToFloat32, toFloat16 } from '../onnx/halfFloat.ts';

export type TensorData =
  | Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

export interface Tensor {
  /** ONNX Runtime's name of the element type. float16 elements are bit patterns in a Uint16Array. */
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: TensorData;
}

export type TensorType = 'float32' | 'float64' | 'uint8' | 'int8' | 'uint16' | 'int16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool' | 'float16';

interface TypeRow {
  readonly type: TensorType;
  readonly make: (values: readonly number[]) => TensorData;
}

const rows: ReadonlyMap<string, TypeRow> = new Map<TensorType, TypeRow>([
  ['float32', { type: 'float32', make: (values) => Float32Array.from(values) }],
  ['float64', { type: 'float64', make: (values) => Float64Array.from(values) }],
  ['int64', { type: 'int64', make: (values) => BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))) }],
  ['uint64', { type: 'uint64', make: (values) => BigUint64Array.from(values, (value) => BigInt(Math.trunc(value))) }],
  ['int32', { type: 'int32', make: (values) => Int32Array.from(values) }],
  ['uint32', { type: 'uint32', make: (values) => Uint32Array.from(values) }],
  ['int16', { type: 'int16', make: (values) => Int16Array.from(values) }],
  ['uint16', { type: 'uint16', make: (values) => Uint16Array.from(values) }],
  ['int8', { type: 'int8', make: (values) => Int8Array.from(values) }],
  ['uint8', { type: 'uint8', make: (values) => Uint8Array.from(values) }],
  ['bool', { type: 'bool', make: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) }],
  ['float16', { type: 'float16', make: toFloat16 }],
]);

export const elementTypeName = nameOf;

/** A tensor of an ONNX element type from plain numbers. Throws 'refused' for types that cannot be fed. */
export function makeTensor(elemType: number, dims: readonly number[], values: readonly number[]): Tensor {
  const row = rows.get(nameOf(elemType));
  if (!row) throw new CogscopeError('refused', `An input of type ${nameOf(elemType)} cannot be fed`, 'Export the model with another input type');
  return { type: row.type, dims, data: row.make(values) };
}

/** TensorProto.DataType of a tensor; 0 where there is none. */
export function elemTypeOf(tensor: Tensor | undefined): number {
  if (!tensor) return 0;
  return [...elementTypes.values()].find((row) => row.name === tensor.type && row.code !== BFLOAT16)?.code ?? 0;
}

/** Elements as float32; integers and half precision are converted. */
export function toFloat32(tensor: Tensor): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  if (tensor.type === 'float16' && data instanceof Uint16Array) return float16ToFloat32(data);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}
