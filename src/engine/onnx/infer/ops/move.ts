/** Operators that move or copy elements. */
import { intAttribute, intsAttribute } from '../../attributes.ts';
import { asNumber, dividedBy, number, times } from '../dim.ts';
import { MAX_CONTENT } from '../infer.ts';
import type { InferRule, Shape } from '../infer.ts';
import { broadcastShapes } from './broadcast.ts';
import { rankFrom, shapeFrom } from './create.ts';

export const fromEnd = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const transpose: InferRule = ({ node, input }) => {
  const { elemType, shape } = input(0);
  const perm = intsAttribute(node, 'perm') ?? shape?.map((_, axis) => shape.length - 1 - axis);
  return [{ elemType, shape: shape && perm ? perm.map((axis) => shape[axis]) : undefined }];
};

const concat: InferRule = ({ node, input }) => {
  const parts = node.inputs.map((_, index) => input(index));
  const shapes = parts.map((part) => part.shape);
  const [first] = shapes;
  const contents = parts.map((part) => part.content);
  if (!first) return [{ elemType: parts.find((part) => part.elemType)?.elemType ?? 0 }];
  const at = fromEnd(intAttribute(node, 'axis') ?? 0, first.length);
  const numbers = shapes.map((shape) => asNumber(shape?.[at]));
  const total = numbers.every((size) => size !== undefined) ? number(numbers.reduce<number>((sum, size) => sum + (size ?? 0), 0)) : undefined;
  const shape = first.map((_, axis) => (axis === at ? total : shapes.map((other) => other?.[axis]).find((dim) => dim !== undefined)));
  const isVector = first.length === 1 && contents.every((content) => content !== undefined);
  return [{ elemType: parts[0]?.elemType ?? 0, shape, content: isVector ? contents.flatMap((content) => content ?? []) : undefined }];
};

const split: InferRule = ({ node, input }) => {
  const { elemType, shape, content } = input(0);
  const count = node.outputs.length;
  const at = fromEnd(intAttribute(node, 'axis') ?? 0, shape?.length ?? 0);
  const given = input(1).content?.map(asNumber) ?? intsAttribute(node, 'split');
  let from = 0;
  return node.outputs.map((_, index) => {
    const size = given ? given[index] : undefined;
    const dim = size !== undefined ? number(size) : dividedBy(shape?.[at], number(count));
    const part = size !== undefined && content && shape?.length === 1 ? content.slice(from, from + size) : undefined;
    from += size ?? 0;
    return { elemType, shape: shape?.map((old, axis) => (axis === at ? dim : old)), content: part };
  });
};

const expand: InferRule = ({ input }) => {
  const { elemType, shape, content } = input(0);
  const target = shapeFrom(input(1).content) ?? rankFrom(input(1).shape);
  const result = broadcastShapes(shape, target) ?? target;
  const length = result?.length === 1 ? asNumber(result[0]) : undefined;
  return [{ elemType, shape: result, content: content?.length === 1 && length !== undefined && length <= MAX_CONTENT ? Array.from({ length }, () => content[0]) : undefined }];
};

const tile: InferRule = ({ input }) => {
  const { elemType, shape } = input(0);
  const repeats = input(1).content;
  return [{ elemType, shape: shape?.map((dim, axis) => (repeats ? times(dim, repeats[axis]) : undefined)) }];
};

const pad: InferRule = ({ input }) => {
  const { elemType, shape } = input(0);
  const pads = input(1).content?.map(asNumber);
  return [{ elemType, shape: shape?.map((dim, axis): Shape[number] => {
    const size = asNumber(dim);
    const [before, after] = [pads?.[axis], pads?.[axis + shape.length]];
    if (before === 0 && after === 0) return dim;
    return size === undefined || before === undefined || after === undefined ? undefined : number(size + before + after);
  }) }];
};

export const moving: readonly (readonly [string, InferRule])[] = [
  ['Transpose', transpose], ['Concat', concat], ['Split', split], ['Expand', expand], ['Tile', tile], ['Pad', pad],
  ['ScatterND', ({ input }) => [{ elemType: input(0).elemType, shape: input(0).shape }]],
  ['ScatterElements', ({ input }) => [{ elemType: input(0).elemType, shape: input(0).shape }]],
];
