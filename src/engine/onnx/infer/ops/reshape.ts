/** Operators that deal the same elements over other axes. */
import { intAttribute, intsAttribute } from '../../attributes.ts';
import { asNumber, dividedBy, number, product } from '../dim.ts';
import type { InferContext, InferRule, Shape } from '../infer.ts';
import { rankFrom } from './create.ts';
import { fromEnd } from './move.ts';

/** 0 copies an axis (unless allowzero), -1 takes what is left, divided symbolically. */
const reshape: InferRule = ({ node, input }) => {
  const { elemType, shape, content } = input(0);
  const target = input(1).content;
  if (!target) return [{ elemType, shape: rankFrom(input(1).shape) }];
  const zeroCopies = intAttribute(node, 'allowzero') !== 1;
  const wanted = target.map((dim, axis) => (zeroCopies && asNumber(dim) === 0 ? shape?.[axis] : dim));
  const open = wanted.findIndex((dim) => asNumber(dim) === -1);
  const unknowns = wanted.flatMap((dim, axis) => (dim === undefined ? [axis] : []));
  const solvable = open >= 0 && unknowns.length === 0 ? open : open < 0 && unknowns.length === 1 ? unknowns[0] : undefined;
  const rest = product(wanted.filter((_, axis) => axis !== solvable));
  const solved = solvable === undefined ? undefined : dividedBy(shape && product(shape), rest);
  return [{
    elemType,
    shape: wanted.map((dim, axis) => (axis === solvable ? solved : asNumber(dim) === -1 ? undefined : dim)),
    content: target.length <= 1 ? content : undefined,
  }];
};

function axesOf({ node, input, has }: InferContext): readonly number[] | undefined {
  const attribute = intsAttribute(node, 'axes');
  if (attribute || !has(1)) return attribute;
  const given = input(1).content?.map(asNumber);
  return given?.every((axis) => axis !== undefined) ? (given) : undefined;
}

const unsqueeze: InferRule = (context) => {
  const { elemType, shape, content } = context.input(0);
  const axes = axesOf(context);
  if (!shape || !axes) return [{ elemType, content }];
  const rank = shape.length + axes.length;
  const added = new Set(axes.map((axis) => fromEnd(axis, rank)));
  let next = 0;
  return [{ elemType, content, shape: Array.from({ length: rank }, (_, axis) => (added.has(axis) ? number(1) : shape[next++])) }];
};

const squeeze: InferRule = (context) => {
  const { elemType, shape, content } = context.input(0);
  const axes = axesOf(context);
  if (!shape) return [{ elemType, content }];
  const gone = axes ? new Set(axes.map((axis) => fromEnd(axis, shape.length))) : new Set(shape.flatMap((dim, axis) => (asNumber(dim) === 1 ? [axis] : [])));
  return [{ elemType, content, shape: shape.filter((_, axis) => !gone.has(axis)) }];
};

const flatten: InferRule = ({ node, input }) => {
  const { elemType, shape } = input(0);
  if (!shape) return [{ elemType, shape: [undefined, undefined] }];
  const at = fromEnd(intAttribute(node, 'axis') ?? 1, shape.length);
  const flat = (dims: Shape): Shape[number] => product(dims);
  return [{ elemType, shape: [flat(shape.slice(0, at)), flat(shape.slice(at))] }];
};

export const reshaping: readonly (readonly [string, InferRule])[] = [
  ['Reshape', reshape], ['Unsqueeze', unsqueeze], ['Squeeze', squeeze], ['Flatten', flatten],
];
