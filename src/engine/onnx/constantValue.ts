/** Constants of the graph as numbers, with what the file does to them on the way: casts, transpositions, few bits made many. */
import { intAttribute, intsAttribute } from './attributes.ts';
import { elementTypes } from './elementType.ts';
import type { GraphNode, Value, Weight } from './graph.ts';
import type { OnnxModel } from './model.ts';
import { isFloat, readFloats, weightBytes } from './weights.ts';
import type { FloatMatrix } from './weights.ts';

/** Undefined where the value is no constant, or made by something that is not followed. */
export function readConstant(model: OnnxModel, value: Value | undefined): FloatMatrix | undefined {
  if (!value) return undefined;
  const { weight, producer } = value;
  if (weight) return isFloat(weight) ? readFloats(model, weight) : readIntegers(model, weight);
  // A pair that rounds looks like an Identity.
  if (producer?.parts) return undefined;
  const source = (): FloatMatrix | undefined => readConstant(model, producer?.inputs[0]);
  switch (producer?.op) {
    case 'Cast': case 'Identity': return source();
    case 'Transpose': return transposed(source(), producer);
    case 'DequantizeLinear': return dequantized(model, source(), producer);
    default: return undefined;
  }
}

/** Integers up to 32 bits; those of four share a byte, the lower half first. */
function readIntegers(model: OnnxModel, weight: Weight): FloatMatrix | undefined {
  const read = readers.get(elementTypes.get(weight.dataType)?.name ?? '');
  return read && { dims: weight.dims, data: read(weightBytes(model, weight).slice(), weight.dims.reduce((product, dim) => product * dim, 1)) };
}

const nibbles = (offset: number) => (bytes: Uint8Array, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => (((((bytes[index >> 1] ?? 0) >> ((index & 1) * 4)) & 15) + offset) & 15) - offset);

const readers: ReadonlyMap<string, (bytes: Uint8Array, count: number) => Float32Array> = new Map([
  ['uint8', (bytes) => Float32Array.from(bytes)],
  ['int8', (bytes) => Float32Array.from(new Int8Array(bytes.buffer))],
  ['uint16', (bytes) => Float32Array.from(new Uint16Array(bytes.buffer))],
  ['int16', (bytes) => Float32Array.from(new Int16Array(bytes.buffer))],
  ['int32', (bytes) => Float32Array.from(new Int32Array(bytes.buffer))],
  ['uint4', nibbles(0)],
  ['int4', nibbles(8)],
]);

function transposed(matrix: FloatMatrix | undefined, node: GraphNode): FloatMatrix | undefined {
  if (matrix?.dims.length !== 2) return undefined;
  if (intsAttribute(node, 'perm')?.join() === '0,1') return matrix;
  const [rows = 0, cols = 0] = matrix.dims;
  const data = new Float32Array(matrix.data.length);
  for (let row = 0; row < rows; row++) for (let col = 0; col < cols; col++) data[col * rows + row] = matrix.data[row * cols + col] ?? 0;
  return { dims: [cols, rows], data };
}

function dequantized(model: OnnxModel, codes: FloatMatrix | undefined, node: GraphNode): FloatMatrix | undefined {
  const scale = readConstant(model, node.inputs[1]);
  const zero = readConstant(model, node.inputs[2]);
  if (!codes || !scale || (node.inputs[2] && !zero)) return undefined;
  return scaled(codes, scale, zero, intAttribute(node, 'axis') ?? 1, intAttribute(node, 'block_size') ?? 0);
}

/** (code - zero) * scale, with one scale for all, one a slice along `axis`, or one a block of `size` along it. */
export function scaled({ dims, data }: FloatMatrix, scale: FloatMatrix, zero: FloatMatrix | undefined, axis: number, size: number): FloatMatrix {
  const at = axis < 0 ? axis + dims.length : axis;
  const inner = dims.slice(at + 1).reduce((product, dim) => product * dim, 1);
  const length = dims[at] ?? 1;
  const blocks = size > 0 ? Math.ceil(length / size) : 1;
  const place = (index: number): number => {
    if (scale.data.length === 1) return 0;
    const along = Math.floor(index / inner) % length;
    if (size === 0) return along;
    return (Math.floor(index / inner / length) * blocks + Math.floor(along / size)) * inner + (index % inner);
  };
  return { dims, data: data.map((code, index) => Math.fround((code - (zero?.data[place(index)] ?? 0)) * (scale.data[place(index)] ?? NaN))) };
}
