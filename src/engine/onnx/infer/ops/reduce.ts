/** Reductions. */
import { INT64 } from '../../elementType.ts';
import { intAttribute, intsAttribute } from '../../attributes.ts';
import { asNumber, number, product } from '../dim.ts';
import type { InferContext, InferRule, Shape } from '../infer.ts';
import { fromEnd } from './move.ts';

function reduced({ node, input, has }: InferContext): Shape | undefined {
  const { shape } = input(0);
  if (!shape) return undefined;
  const given = intsAttribute(node, 'axes') ?? (has(1) ? input(1).content?.map(asNumber) : undefined);
  if (!given && has(1)) return undefined;
  const axes = new Set((given ?? shape.map((_, axis) => axis)).map((axis) => fromEnd(axis ?? 0, shape.length)));
  const keep = intAttribute(node, 'keepdims') !== 0;
  return keep ? shape.map((dim, axis) => (axes.has(axis) ? number(1) : dim)) : shape.filter((_, axis) => !axes.has(axis));
}

const reduce: InferRule = (context) => [{ elemType: context.input(0).elemType, shape: reduced(context) }];

const reduceProd: InferRule = (context) => {
  const { elemType, content, shape } = context.input(0);
  return [{ elemType, shape: reduced(context), content: content && shape?.length === 1 ? [product(content)] : undefined }];
};

const argReduce: InferRule = ({ node, input }) => {
  const { shape } = input(0);
  const at = fromEnd(intAttribute(node, 'axis') ?? 0, shape?.length ?? 0);
  const keep = intAttribute(node, 'keepdims') !== 0;
  return [{ elemType: INT64, shape: shape && (keep ? shape.map((dim, axis) => (axis === at ? number(1) : dim)) : shape.filter((_, axis) => axis !== at)) }];
};

const topK: InferRule = ({ node, input }) => {
  const { elemType, shape } = input(0);
  const at = fromEnd(intAttribute(node, 'axis') ?? -1, shape?.length ?? 0);
  const result = shape?.map((dim, axis) => (axis === at ? input(1).content?.[0] : dim));
  return [{ elemType, shape: result }, { elemType: INT64, shape: result }];
};

export const reducing: readonly (readonly [string, InferRule])[] = [
  ...['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceL2', 'ReduceL1', 'ReduceSumSquare', 'ReduceLogSumExp'].map((op) => [op, reduce] as const),
  ['ReduceProd', reduceProd], ['ArgMax', argReduce], ['ArgMin', argReduce], ['TopK', topK],
];
