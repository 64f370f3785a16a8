/** From the sums of one residual chain to blocks: which half each sum is, and which state stands between. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { NormPlace, Refusal } from '../../shared/summary.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { readBranch } from './branch.ts';
import type { AttentionFound, Branch } from './branch.ts';
import { isNorm, normBehind } from './norm.ts';
import type { Origin } from './origin.ts';
import { lastProjection } from './projection.ts';
import type { ResidualChain, ResidualSum } from './residual.ts';
import { streamPlace } from './place.ts';
import type { Attention, Block, Mlp, Place, Reading } from './types.ts';
import { nodesBetween } from './walk.ts';

/** One sum of the chain with what was read from its branches. */
interface Half {
  readonly sum: ResidualSum;
  readonly role: Branch['role'] | 'both';
  readonly before: Value;
  readonly after: Value;
  readonly attention: Attention | null;
  readonly mlp: Mlp | null;
  readonly norm: NormPlace;
  readonly refused: readonly Refusal[];
}

export interface BlocksRead {
  readonly blocks: readonly Block[];
  readonly refused: readonly Refusal[];
  /** Softmaxes of the attention that belongs to some branch, read or not. */
  readonly used: ReadonlySet<GraphNode>;
  /** Some attention, read or not, looks back only. */
  readonly causal: boolean;
}

export function readBlocks(chain: ResidualChain, found: AttentionFound, reading: Reading): BlocksRead {
  const { types, origin } = reading;
  const used = new Set<GraphNode>();
  let causal = false;
  const halves = chain.map((sum, index): Half => {
    // A state may be handed on reshaped; only behind a norm is the model a post-norm one.
    const after = chain[index + 1]?.stream ?? normOfLast(sum, index, chain, origin) ?? sum.sum;
    const isPost = after !== sum.sum && isNorm(sum.sum, after);
    const branches = sum.branches.map((branch) => readBranch(sum.stream, branch, found, reading));
    for (const { softmax } of branches) if (softmax) used.add(softmax);
    causal ||= branches.some((branch) => branch.causal);
    const roles = new Set(branches.map((branch) => branch.role));
    return {
      sum, before: sum.stream, after,
      role: roles.size === 2 ? 'both' : roles.has('attention') ? 'attention' : 'mlp',
      attention: branches.find((branch) => branch.attention)?.attention ?? null,
      mlp: branches.find((branch) => branch.mlp)?.mlp ?? null,
      norm: normPlace(sum, isPost, origin),
      refused: branches.flatMap(({ role, refused }) => (refused === null ? [] : [{ what: role === 'attention' ? 'Attention' : 'The MLP', reason: refused }])),
    };
  });
  const groups = pair(halves);
  const refused = groups.flatMap((group, layer) => group.flatMap((half) => half.refused.map(({ what, reason }) => ({ what: `${what} at layer ${layer}`, reason }))));
  return { blocks: groups.map((group, index) => blockOf(group, index, types)), refused, used, causal };
}

/** In a post-norm model the last state is a norm of the last sum as well. */
function normOfLast(sum: ResidualSum, index: number, chain: ResidualChain, origin: Origin): Value | undefined {
  const previous = chain[index - 1];
  return previous && previous.sum !== sum.stream && isNorm(previous.sum, sum.stream) ? normBehind(sum.sum, origin) : undefined;
}

/** An attention sum opens a block; an MLP sum closes the open one, or is a block of its own. Whether they could be read makes no difference. */
function pair(halves: readonly Half[]): readonly (readonly Half[])[] {
  const groups: Half[][] = [];
  for (const half of halves) {
    const open = groups.at(-1);
    if (open?.length === 1 && open[0]?.role === 'attention' && half.role === 'mlp') open.push(half);
    else groups.push([half]);
  }
  return groups;
}

function blockOf(group: readonly Half[], index: number, types: TypeTable): Block {
  const [first, second] = group as [Half, Half | undefined];
  const last = second ?? first;
  const stream = (value: Value): Place => streamPlace(value, types);
  return {
    index,
    residPre: stream(first.before),
    residMid: second ? stream(first.after) : null,
    residPost: stream(last.after),
    attention: first.attention,
    mlp: last.mlp,
    norm: first.role === 'both' ? 'parallel' : first.norm,
    sums: group.map((half) => stream(half.sum.sum)),
    entering: group.map((half) => stream(half.sum.read)),
  };
}

function normPlace(sum: ResidualSum, post: boolean, origin: Origin): NormPlace {
  if (post) return 'post';
  const [branch] = sum.branches;
  const output = branch && lastProjection(branch, origin)?.outputs[0];
  const before = branch !== undefined && normBeforeProjection(sum.stream, branch, origin);
  const behind = branch !== undefined && output !== undefined && output !== branch && isNorm(output, branch);
  return behind ? 'sandwich' : before ? 'pre' : 'none';
}

/** Whether a norm reads the state before the branch's projections do. */
function normBeforeProjection(state: Value, branch: Value, origin: Origin): boolean {
  const first = nodesBetween(state, branch).find((node) => node.outputs[0] && lastProjection(node.outputs[0], origin) === node);
  const input = first?.inputs.find((value) => value !== undefined && origin.isContent(value));
  return input !== undefined && input !== state && isNorm(state, input);
}
