/** Operators that choose elements. */
import { intAttribute, intsAttribute } from '../../attributes.ts';
import { asNumber, number } from '../dim.ts';
import type { Dim } from '../dim.ts';
import type { InferContext, InferRule, Shape } from '../infer.ts';
import { fromEnd } from './move.ts';

const gather: InferRule = ({ node, input }) => {
  const [data, indices] = [input(0), input(1)];
  const rank = data.shape?.length;
  const at = fromEnd(intAttribute(node, 'axis') ?? 0, rank ?? 0);
  const shape = data.shape && indices.shape ? [...data.shape.slice(0, at), ...indices.shape, ...data.shape.slice(at + 1)] : undefined;
  const picked = rank === 1 && data.content ? indices.content?.map((index): Dim | undefined => {
    const where = asNumber(index);
    return where === undefined ? undefined : data.content?.[fromEnd(where, data.content.length)];
  }) : undefined;
  return [{ elemType: data.elemType, shape, content: picked }];
};

function part({ node, input, has }: InferContext, index: number, name: string): readonly (number | undefined)[] | undefined {
  return intsAttribute(node, name) ?? (has(index) ? input(index).content?.map(asNumber) : undefined);
}

const slice: InferRule = (context) => {
  const { elemType, shape, content } = context.input(0);
  const starts = part(context, 1, 'starts');
  const ends = part(context, 2, 'ends');
  const ruledAxes = part(context, 3, 'axes');
  const steps = part(context, 4, 'steps');
  const endDims = context.has(2) ? context.input(2).content : undefined;
  if (!shape) return [{ elemType }];
  const count = starts?.length ?? ends?.length ?? 0;
  if (count === 0) return [{ elemType, shape: shape.map(() => undefined) }];
  const axes = ruledAxes ?? (context.has(3) ? undefined : Array.from({ length: count }, (_, axis) => axis));
  if (!axes) return [{ elemType, shape: shape.map(() => undefined) }];
  const result: (Dim | undefined)[] = [...shape];
  let elements = content;
  axes.forEach((axis, index) => {
    if (axis === undefined) return;
    const at = fromEnd(axis, shape.length);
    const step = steps ? steps[index] : context.has(4) ? undefined : 1;
    result[at] = slicedDim(shape[at], starts?.[index], ends?.[index], step, endDims?.[index]);
    const [start, end] = [starts?.[index], ends?.[index]];
    elements = elements && shape.length === 1 && step === 1 && start !== undefined && end !== undefined ? elements.slice(start, end) : undefined;
  });
  return [{ elemType, shape: result, content: elements }];
};

function slicedDim(dim: Dim | undefined, start: number | undefined, end: number | undefined, step: number | undefined, endDim: Dim | undefined): Dim | undefined {
  if (start === undefined || step === undefined) return undefined;
  const size = asNumber(dim);
  // From the start to a named length: that length, where the axis is long enough, as tables of positions are.
  if (end === undefined) return start === 0 && step === 1 ? endDim : undefined;
  if (size === undefined) return start === 0 && step === 1 && end >= 0x7fffffff ? dim : undefined;
  const clamp = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
  if (step < 0) return undefined;
  return number(Math.max(0, Math.ceil((clamp(end) - clamp(start)) / step)));
}

const gatherElements: InferRule = ({ input }) => [{ elemType: input(0).elemType, shape: input(1).shape }];

const gatherND: InferRule = ({ node, input }) => {
  const [data, indices] = [input(0), input(1)];
  const batch = intAttribute(node, 'batch_dims') ?? 0;
  const depth = asNumber(indices.shape?.at(-1));
  const shape: Shape | undefined = data.shape && indices.shape && depth !== undefined ? [...indices.shape.slice(0, -1), ...data.shape.slice(batch + depth)] : undefined;
  return [{ elemType: data.elemType, shape }];
};

export const selecting: readonly (readonly [string, InferRule])[] = [
  ['Gather', gather], ['Slice', slice], ['GatherElements', gatherElements], ['GatherND', gatherND],
];
