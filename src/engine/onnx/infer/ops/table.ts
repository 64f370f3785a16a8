/** Which rule infers which operator. A new operator is a row here and a rule in the file of its family. */
import type { GraphNode } from '../../graph.ts';
import type { InferRule } from '../infer.ts';
import { broadcasting } from './broadcast.ts';
import { creating } from './create.ts';
import { fused, standardAttention } from './fused.ts';
import { linear } from './linear.ts';
import { moving } from './move.ts';
import { quantised } from './quantised.ts';
import { reducing } from './reduce.ts';
import { reshaping } from './reshape.ts';
import { selecting } from './select.ts';

const standard: ReadonlyMap<string, InferRule> = new Map([
  ...broadcasting, ...creating, ...linear, ...moving, ...quantised, ...reducing, ...reshaping, ...selecting, ['Attention', standardAttention],
]);

export function ruleFor(node: GraphNode): InferRule | undefined {
  if (node.domain === '') return standard.get(node.op);
  return node.domain === 'com.microsoft' ? fused.get(node.op) ?? standard.get(node.op) : undefined;
}
