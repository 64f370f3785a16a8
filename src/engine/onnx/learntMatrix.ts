/** The matrix of a projection as numbers, whatever the file keeps it as: [in, out], with the bias that the operator itself adds. */
import { attribute, intAttribute } from './attributes.ts';
import { readConstant, scaled } from './constantValue.ts';
import { equation } from './einsum.ts';
import { INT8, UINT8 } from './elementType.ts';
import type { GraphNode, Value } from './graph.ts';
import type { OnnxModel } from './model.ts';
import { weightBytes } from './weights.ts';
import type { FloatMatrix } from './weights.ts';

export interface LearntMatrix {
  readonly matrix: FloatMatrix;
  /** The file holds it as [out, in] (Gemm's transB). */
  readonly transposed: boolean;
  readonly bias: FloatMatrix | undefined;
  /** Set where its other operand is rounded to eight bits when the model runs, by one scale for all of it, and the product made of integers. */
  readonly integers: IntegerMatrix | undefined;
}

/** [in, out] as the file's integers; a number of the matrix is (code - zero) * scale. */
export interface IntegerMatrix {
  readonly codes: FloatMatrix;
  readonly scale: FloatMatrix;
  readonly zero: FloatMatrix | undefined;
  readonly signed: boolean;
}

type Reader = (model: OnnxModel, node: GraphNode) => LearntMatrix | undefined;

/** By operator; of a bundle, by that of the part that multiplies. */
const readers: ReadonlyMap<string, Reader> = new Map([
  ['MatMul', plain], ['Gemm', gemm], ['Einsum', byLetters], ['MatMulNBits', inBlocks],
  ['MatMulInteger', (model, node) => byColumn(model, node.inputs[1], weightScale(node), node.inputs[3], undefined)],
  ['MatMulIntegerToFloat', (model, node) => byColumn(model, node.inputs[1], node.inputs[3], node.inputs[5], node.inputs[6])],
  ['DynamicQuantizeMatMul', (model, node) => byColumn(model, node.inputs[1], node.inputs[2], node.inputs[3], node.inputs[4])],
]);

export function learntMatrix(model: OnnxModel, projection: GraphNode): LearntMatrix | undefined {
  const core = projection.parts?.find((part) => readers.has(part.op)) ?? projection;
  const found = readers.get(core.op)?.(model, core);
  return found?.matrix.dims.length === 2 ? found : undefined;
}

/** What a node may read besides; undefined where it does and it is not read, which is not to be taken for none. */
function optional(model: OnnxModel, value: Value | undefined): { readonly given: FloatMatrix | undefined } | undefined {
  const given = readConstant(model, value);
  return value && !given ? undefined : { given };
}

function plain(model: OnnxModel, node: GraphNode): LearntMatrix | undefined {
  const matrix = readConstant(model, node.inputs[1]);
  return matrix && { matrix, transposed: false, bias: undefined, integers: undefined };
}

function gemm(model: OnnxModel, node: GraphNode): LearntMatrix | undefined {
  const isScaled = ['alpha', 'beta'].some((name) => (attribute(node, name)?.f ?? 1) !== 1);
  const [matrix, bias] = [readConstant(model, node.inputs[1]), optional(model, node.inputs[2])];
  if (!matrix || !bias || isScaled || intAttribute(node, 'transA') === 1) return undefined;
  return { matrix, transposed: intAttribute(node, 'transB') === 1, bias: bias.given, integers: undefined };
}

/** `bpm,md->bpd`: sums over one axis of two; `bphd,hdm->bpm`: over the heads and their components, as TransformerLens writes W_O, which are one axis then. */
function byLetters(model: OnnxModel, node: GraphNode): LearntMatrix | undefined {
  const letters = equation(node);
  const matrix = readConstant(model, node.inputs[1]);
  if (matrix?.dims.length === 3) {
    const [summed, kept] = [letters?.inputs[1].slice(0, 2) ?? '', letters?.inputs[1].slice(2) ?? ''];
    const isProduct = letters?.inputs[0].endsWith(summed) && letters.output === letters.inputs[0].slice(0, -2) + kept;
    const [first = 0, second = 0, width = 0] = matrix.dims;
    return isProduct ? { matrix: { dims: [first * second, width], data: matrix.data }, transposed: false, bias: undefined, integers: undefined } : undefined;
  }
  const [summed, kept] = letters?.inputs[1] ?? '';
  if (!letters || !matrix || summed === undefined || kept === undefined) return undefined;
  const transposed = letters.inputs[0].endsWith(kept);
  const [from, to] = transposed ? [kept, summed] : [summed, kept];
  const isProduct = letters.inputs[0].endsWith(from) && letters.output === letters.inputs[0].slice(0, -1) + to;
  return isProduct ? { matrix, transposed, bias: undefined, integers: undefined } : undefined;
}

function byColumn(model: OnnxModel, codes: Value | undefined, scale: Value | undefined, zero: Value | undefined, bias: Value | undefined): LearntMatrix | undefined {
  const [read, by, offset, added] = [readConstant(model, codes), readConstant(model, scale), optional(model, zero), optional(model, bias)];
  if (!codes || !read || !by || !offset || !added) return undefined;
  const integers: IntegerMatrix = { codes: read, scale: by, zero: offset.given, signed: (codes.weight ?? codes.producer?.inputs[0]?.weight)?.dataType === INT8 };
  return { matrix: scaled(read, by, offset.given, 1, 0), transposed: false, bias: added.given, integers };
}

/** `Cast(product) * (scale of x * scale of W)`: the factor that the file keeps. */
function weightScale(product: GraphNode): Value | undefined {
  const scales = product.outputs[0]?.consumers[0]?.outputs[0]?.consumers[0]?.inputs.find((input) => input?.producer?.op === 'Mul')?.producer;
  return scales?.inputs.find((input) => input?.producer?.op !== 'DynamicQuantizeLinear');
}

/** MatMulNBits: [out, blocks, bytes], each block with a scale and a zero point, codes from the lowest bit up. */
function inBlocks(model: OnnxModel, node: GraphNode): LearntMatrix | undefined {
  const [, packed, scales, zeros, order, bias] = node.inputs;
  const [rows, cols, size, bits] = [intAttribute(node, 'K'), intAttribute(node, 'N'), intAttribute(node, 'block_size'), intAttribute(node, 'bits') ?? 4];
  const [scale, added] = [readConstant(model, scales), optional(model, bias)];
  if (!packed?.weight || !scale || !added || order || (zeros && !zeros.weight) || !rows || !cols || !size) return undefined;
  const bytes = weightBytes(model, packed.weight);
  const blocks = Math.ceil(rows / size);
  const code = (from: Uint8Array, row: number, index: number, perRow: number): number => ((from[row * perRow + ((index * bits) >> 3)] ?? 0) >> ((index * bits) & 7)) & ((1 << bits) - 1);
  const zeroAt = zeroPoints(model, zeros, code, Math.ceil((blocks * bits) / 8), blocks, 1 << (bits - 1));
  const data = new Float32Array(rows * cols);
  const perColumn = Math.ceil((size * bits) / 8) * blocks;
  for (let col = 0; col < cols; col++) {
    for (let row = 0; row < rows; row++) {
      const block = Math.floor(row / size);
      data[col * rows + row] = (code(bytes, col, row, perColumn) - zeroAt(col, block)) * (scale.data[col * blocks + block] ?? NaN);
    }
  }
  return { matrix: { dims: [cols, rows], data }, transposed: true, bias: added.given, integers: undefined };
}

function zeroPoints(
  model: OnnxModel, zeros: Value | undefined, code: (from: Uint8Array, row: number, index: number, perRow: number) => number, perRow: number, blocks: number, middle: number,
): (col: number, block: number) => number {
  if (!zeros?.weight) return () => middle;
  if (zeros.weight.dataType !== UINT8) {
    const plain = readConstant(model, zeros);
    return (col, block) => plain?.data[col * blocks + block] ?? NaN;
  }
  const bytes = weightBytes(model, zeros.weight);
  return (col, block) => code(bytes, col, block, perRow);
}
