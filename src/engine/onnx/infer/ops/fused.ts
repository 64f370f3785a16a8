/** ONNX Runtime's fused operators, as far as their shapes are told by their first input. */
import { FLOAT } from '../../elementType.ts';
import type { InferRule } from '../infer.ts';

const first: InferRule = ({ input }) => [{ elemType: input(0).elemType, shape: input(0).shape }];

/** Outputs: normed value, mean, inverse deviation, sum. */
const skipNorm: InferRule = ({ input }) => [first, undefined, undefined, first].map((rule) => (rule ? { elemType: input(0).elemType, shape: input(0).shape } : { elemType: FLOAT }));

export const fused: ReadonlyMap<string, InferRule> = new Map([
  ['SkipLayerNormalization', skipNorm], ['SkipSimplifiedLayerNormalization', skipNorm],
  ['BiasGelu', first], ['FastGelu', first], ['QuickGelu', first], ['RotaryEmbedding', first],
]);
