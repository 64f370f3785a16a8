/** Which rule writes out which fused operator. A new operator is a row here and a rule in the file of its kin. */
import type { GraphNode } from '../graph.ts';
import { biasGelu, erfGelu, fastGelu, quickGelu } from './activations.ts';
import { contribAttention } from './contribAttention.ts';
import { groupQueryAttention } from './groupQueryAttention.ts';
import { multiHeadAttention } from './multiHeadAttention.ts';
import { embedLayerNorm, skipLayerNorm, skipRmsNorm } from './norms.ts';
import { fusedGemm, fusedMatMul } from './products.ts';
import { contribRotary, standardRotary } from './rotary.ts';
import type { Rule } from './rule.ts';
import { standardAttention } from './standardAttention.ts';

const contrib: ReadonlyMap<string, Rule> = new Map([
  ['Attention', contribAttention], ['MultiHeadAttention', multiHeadAttention], ['GroupQueryAttention', groupQueryAttention],
  ['SkipLayerNormalization', skipLayerNorm], ['SkipSimplifiedLayerNormalization', skipRmsNorm], ['EmbedLayerNormalization', embedLayerNorm],
  ['BiasGelu', biasGelu], ['FastGelu', fastGelu], ['QuickGelu', quickGelu], ['Gelu', erfGelu],
  ['FusedMatMul', fusedMatMul], ['FusedGemm', fusedGemm], ['RotaryEmbedding', contribRotary],
]);

const standard: ReadonlyMap<string, Rule> = new Map([['Attention', standardAttention], ['RotaryEmbedding', standardRotary]]);

export function ruleFor(node: GraphNode): Rule | undefined {
  return node.domain === 'com.microsoft' ? contrib.get(node.op) : node.domain === '' ? standard.get(node.op) : undefined;
}
