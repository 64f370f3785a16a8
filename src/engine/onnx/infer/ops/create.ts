/** Operators that make tensors out of shapes and numbers. */
import { FLOAT, INT64 } from '../../elementType.ts';
import { attribute, intAttribute, tensorAttribute } from '../../attributes.ts';
import { rawBytes } from '../../typedFields.ts';
import { integersOf } from '../content.ts';
import { asNumber, number, product } from '../dim.ts';
import { MAX_CONTENT, MAX_RANK } from '../infer.ts';
import type { InferRule, Shape } from '../infer.ts';

const shape: InferRule = ({ node, input }) => {
  const dims = input(0).shape;
  if (!dims) return [{ elemType: INT64, shape: [undefined] }];
  const content = dims.slice(clampAxis(intAttribute(node, 'start') ?? 0, dims.length), clampAxis(intAttribute(node, 'end') ?? dims.length, dims.length));
  return [{ elemType: INT64, shape: [number(content.length)], content }];
};

const clampAxis = (axis: number, rank: number): number => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);

const size: InferRule = ({ input }) => {
  const dims = input(0).shape;
  return [{ elemType: INT64, shape: [], content: dims && [product(dims)] }];
};

const constant: InferRule = ({ node }) => {
  const tensor = tensorAttribute(node, 'value');
  if (tensor) return [{ elemType: tensor.dataType, shape: tensor.dims.map((dim) => number(Number(dim))), content: integersOf(rawBytes(tensor), tensor.dataType) }];
  const ints = attribute(node, 'value_ints');
  if (ints) return [{ elemType: INT64, shape: [number(ints.ints.length)], content: ints.ints.map((value) => number(Number(value))) }];
  const int = attribute(node, 'value_int');
  if (int) return [{ elemType: INT64, shape: [], content: [number(Number(int.i))] }];
  if (attribute(node, 'value_float')) return [{ elemType: FLOAT, shape: [] }];
  const floats = attribute(node, 'value_floats');
  return floats ? [{ elemType: FLOAT, shape: [number(floats.floats.length)] }] : [];
};

/** A tensor as long as its shape vector says. */
export const shapeFrom = (content: Shape | undefined): Shape | undefined => content?.map((dim) => (asNumber(dim) === -1 ? undefined : dim));

const constantOfShape: InferRule = ({ node, input }) => {
  const value = tensorAttribute(node, 'value');
  const dims = shapeFrom(input(0).content) ?? rankFrom(input(0).shape);
  const fill = value ? integersOf(rawBytes(value), value.dataType)?.[0] : undefined;
  const length = dims?.length === 1 ? asNumber(dims[0]) : undefined;
  return [{ elemType: value?.dataType ?? FLOAT, shape: dims, content: fill && length !== undefined && length <= MAX_CONTENT ? Array.from({ length }, () => fill) : undefined }];
};

/** Unknown axes, as many as a shape vector is long. */
export function rankFrom(vector: Shape | undefined): Shape | undefined {
  const rank = vector?.length === 1 ? asNumber(vector[0]) : undefined;
  return rank === undefined || rank > MAX_RANK ? undefined : Array.from({ length: rank }, () => undefined);
}

const range: InferRule = ({ input }) => {
  const [start, limit, delta] = [input(0).content?.[0], input(1).content?.[0], input(2).content?.[0]];
  const isCount = asNumber(start) === 0 && asNumber(delta) === 1;
  return [{ elemType: input(0).elemType, shape: [isCount ? limit : undefined] }];
};

export const creating: readonly (readonly [string, InferRule])[] = [
  ['Shape', shape], ['Size', size], ['Constant', constant], ['ConstantOfShape', constantOfShape], ['Range', range],
  ['NonZero', ({ input }) => [{ elemType: INT64, shape: [input(0).shape && number(input(0).shape?.length ?? 0), undefined] }]],
];
