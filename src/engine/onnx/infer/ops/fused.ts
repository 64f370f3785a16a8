/** ONNX Runtime's fused operators, and the standard Attention: shapes of what they make, as far as their inputs tell. */
import { intAttribute, intsAttribute } from '../../attributes.ts';
import { FLOAT, INT32 } from '../../elementType.ts';
import { dividedBy, number, times } from '../dim.ts';
import type { Dim } from '../dim.ts';
import type { InferContext, InferRule, Shape } from '../infer.ts';

const first: InferRule = ({ input }) => [{ elemType: input(0).elemType, shape: input(0).shape }];

/** Outputs: normed value, mean, inverse deviation, sum. */
const skipNorm: InferRule = ({ input }) => [first, undefined, undefined, first].map((rule) => (rule ? { elemType: input(0).elemType, shape: input(0).shape } : { elemType: FLOAT }));

/** Outputs: normed sum of embeddings, tokens that are no padding, the sum. */
const embedNorm: InferRule = ({ input }) => {
  const ids = input(0).shape;
  const made = { elemType: input(2).elemType, shape: ids && [...ids, input(2).shape?.at(-1)] };
  return [made, { elemType: INT32, shape: ids?.slice(0, 1) }, made];
};

/** [batch, pos, width], the width by what is asked. */
const streamLike = (width: (context: InferContext) => Dim | undefined): InferRule => (context) => {
  const { elemType, shape } = context.input(0);
  return [{ elemType, shape: shape?.length === 3 ? [shape[0], shape[1], width(context)] : undefined }, { elemType }, { elemType }, { elemType }];
};

const attention = streamLike(({ node, input }) => {
  const sizes = intsAttribute(node, 'qkv_hidden_sizes');
  return sizes?.[2] === undefined ? dividedBy(input(1).shape?.at(-1), number(3)) : number(sizes[2]);
});

const multiHead = streamLike(({ node, input }) => {
  const shape = input(2).shape;
  return shape?.length === 4 ? times(shape[3], number(intAttribute(node, 'num_heads') ?? 1)) : shape?.at(-1);
});

const groupQuery = streamLike(({ node, input, has }) => {
  const [q, kv] = [intAttribute(node, 'num_heads') ?? 1, intAttribute(node, 'kv_num_heads') ?? 1];
  const width = input(0).shape?.at(-1);
  return has(1) ? width : times(dividedBy(width, number(q + 2 * kv)), number(q));
});

export const standardAttention: InferRule = ({ node, input }) => {
  const { elemType, shape } = input(0);
  const values = input(2).shape;
  const heads = [intAttribute(node, 'q_num_heads'), intAttribute(node, 'kv_num_heads')];
  const width = heads[0] && heads[1] ? times(dividedBy(values?.at(-1), number(heads[1])), number(heads[0])) : undefined;
  const made: Shape | undefined = shape && [...shape.slice(0, -1), shape.length === 4 ? values?.at(-1) : width];
  return [{ elemType, shape: made }, { elemType }, { elemType }, { elemType }];
};

export const fused: ReadonlyMap<string, InferRule> = new Map([
  ['SkipLayerNormalization', skipNorm], ['SkipSimplifiedLayerNormalization', skipNorm], ['EmbedLayerNormalization', embedNorm],
  ['Attention', attention], ['MultiHeadAttention', multiHead], ['GroupQueryAttention', groupQuery],
  ['BiasGelu', first], ['FastGelu', first], ['QuickGelu', first], ['RotaryEmbedding', first],
]);
