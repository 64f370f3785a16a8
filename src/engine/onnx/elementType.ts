/** ONNX element types: names and sizes. */
export interface ElementType {
  readonly code: number;
  readonly name: string;
  /** Bits of one element; 0 for strings. */
  readonly bits: number;
}

export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const UINT16 = 4;
export const INT16 = 5;
export const INT32 = 6;
export const INT64 = 7;
export const STRING = 8;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const BFLOAT16 = 16;

/** TensorProto.DataType. */
const rows: readonly ElementType[] = [
  { code: 1, name: 'float32', bits: 32 }, { code: 2, name: 'uint8', bits: 8 }, { code: 3, name: 'int8', bits: 8 },
  { code: 4, name: 'uint16', bits: 16 }, { code: 5, name: 'int16', bits: 16 }, { code: 6, name: 'int32', bits: 32 },
  { code: 7, name: 'int64', bits: 64 }, { code: 8, name: 'string', bits: 0 }, { code: 9, name: 'bool', bits: 8 },
  { code: 10, name: 'float16', bits: 16 }, { code: 11, name: 'float64', bits: 64 }, { code: 12, name: 'uint32', bits: 32 },
  { code: 13, name: 'uint64', bits: 64 }, { code: 14, name: 'complex64', bits: 64 }, { code: 15, name: 'complex128', bits: 128 },
  { code: 16, name: 'bfloat16', bits: 16 }, { code: 17, name: 'float8e4m3fn', bits: 8 }, { code: 18, name: 'float8e4m3fnuz', bits: 8 },
  { code: 19, name: 'float8e5m2', bits: 8 }, { code: 20, name: 'float8e5m2fnuz', bits: 8 }, { code: 21, name: 'uint4', bits: 4 },
  { code: 22, name: 'int4', bits: 4 }, { code: 23, name: 'float4e2m1', bits: 4 },
];

export const elementTypes: ReadonlyMap<number, ElementType> = new Map(rows.map((row) => [row.code, row]));

const floats: ReadonlySet<number> = new Set([FLOAT, FLOAT16, DOUBLE, BFLOAT16]);

export const isFloatType = (code: number): boolean => floats.has(code);

export const elementTypeName = (code: number): string => elementTypes.get(code)?.name ?? 'unknown';

/** Bytes of a tensor; undefined for strings and unknown types. */
export function tensorBytes(code: number, dims: readonly number[]): number | undefined {
  const bits = elementTypes.get(code)?.bits;
  return bits ? Math.ceil((dims.reduce((product, dim) => product * dim, 1) * bits) / 8) : undefined;
}
