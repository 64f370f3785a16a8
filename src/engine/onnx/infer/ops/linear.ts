/** Products and convolutions. */
import { INT32 } from '../../elementType.ts';
import { attribute, intAttribute, intsAttribute, stringAttribute } from '../../attributes.ts';
import { asNumber, number } from '../dim.ts';
import type { InferContext, InferRule, Shape } from '../infer.ts';
import { broadcastShapes } from './broadcast.ts';

export function matMulShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b || a.length === 0 || b.length === 0) return undefined;
  if (b.length === 1) return a.slice(0, -1);
  if (a.length === 1) return [...b.slice(0, -2), b.at(-1)];
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
  return batch && [...batch, a.at(-2), b.at(-1)];
}

const matMul: InferRule = ({ input }) => [{ elemType: input(0).elemType, shape: matMulShape(input(0).shape, input(1).shape) }];

/** With the last two axes of an operand exchanged where its attribute says so. */
const fusedMatMul: InferRule = ({ node, input }) => {
  const operand = (index: number, attribute: string): Shape | undefined => {
    const shape = input(index).shape;
    const [rows, columns] = shape?.slice(-2) ?? [];
    return shape && shape.length > 1 && intAttribute(node, attribute) === 1 ? [...shape.slice(0, -2), columns, rows] : shape;
  };
  return [{ elemType: input(0).elemType, shape: matMulShape(operand(0, 'transA'), operand(1, 'transB')) }];
};

const gemm: InferRule = ({ node, input }) => {
  const [a, b] = [input(0).shape, input(1).shape];
  const shape = a?.length === 2 && b?.length === 2
    ? [a[intAttribute(node, 'transA') === 1 ? 1 : 0], b[intAttribute(node, 'transB') === 1 ? 0 : 1]]
    : [undefined, undefined];
  return [{ elemType: input(0).elemType, shape }];
};

const einsum: InferRule = ({ node, input }) => {
  const equation = (stringAttribute(node, 'equation') ?? '').replaceAll(' ', '');
  const [left, right] = equation.split('->');
  if (!left || right === undefined || equation.includes('.')) return [{ elemType: input(0).elemType }];
  const sizes = new Map<string, Shape[number]>();
  left.split(',').forEach((term, index) => [...term].forEach((letter, axis) => sizes.set(letter, sizes.get(letter) ?? input(index).shape?.[axis])));
  return [{ elemType: input(0).elemType, shape: [...right].map((letter) => sizes.get(letter)) }];
};

/** Convolution and pooling: batch and channels kept apart from the space, each spatial size by the usual formula. */
function spatial({ node, input }: InferContext, channels: Shape[number], kernel: readonly (number | undefined)[]): Shape | undefined {
  const x = input(0).shape;
  if (!x || x.length < 3) return undefined;
  const space = x.length - 2;
  const strides = intsAttribute(node, 'strides') ?? Array.from({ length: space }, () => 1);
  const pads = intsAttribute(node, 'pads') ?? Array.from({ length: space * 2 }, () => 0);
  const dilations = intsAttribute(node, 'dilations') ?? Array.from({ length: space }, () => 1);
  const auto = new TextDecoder().decode(attribute(node, 'auto_pad')?.s ?? new Uint8Array());
  const round = intAttribute(node, 'ceil_mode') === 1 ? Math.ceil : Math.floor;
  return [x[0], channels, ...Array.from({ length: space }, (_, axis) => {
    const size = asNumber(x[axis + 2]);
    const width = kernel[axis];
    if (size === undefined || width === undefined || (auto !== '' && auto !== 'NOTSET')) return undefined;
    const reach = (dilations[axis] ?? 1) * (width - 1) + 1;
    return number(round((size + (pads[axis] ?? 0) + (pads[axis + space] ?? 0) - reach) / (strides[axis] ?? 1)) + 1);
  })];
}

const conv = (elemType?: number): InferRule => (context) => {
  const weight = context.input(1).shape;
  return [{ elemType: elemType ?? context.input(0).elemType, shape: spatial(context, weight?.[0], weight?.slice(2).map(asNumber) ?? []) }];
};

const pool: InferRule = (context) => [{
  elemType: context.input(0).elemType,
  shape: spatial(context, context.input(0).shape?.[1], intsAttribute(context.node, 'kernel_shape') ?? []),
}];

const globalPool: InferRule = ({ input }) => [{ elemType: input(0).elemType, shape: input(0).shape?.map((dim, axis) => (axis < 2 ? dim : number(1))) }];

export const linear: readonly (readonly [string, InferRule])[] = [
  ['MatMul', matMul], ['FusedMatMul', fusedMatMul], ['Gemm', gemm], ['FusedGemm', gemm], ['Einsum', einsum], ['Conv', conv()], ['ConvInteger', conv(INT32)],
  ['MaxPool', pool], ['AveragePool', pool], ['GlobalAveragePool', globalPool], ['GlobalMaxPool', globalPool],
];
