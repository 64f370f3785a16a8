/** From the sums of one residual chain to blocks: which half each sum is, and which state stands between. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { NormPlace, Refusal } from '../../shared/summary.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { AnchorProblem, AttentionAnchor } from './anchor.ts';
import { readAttention } from './attention.ts';
import { readMlp } from './mlp.ts';
import { isNorm, normBehind } from './norm.ts';
import type { Origin } from './origin.ts';
import { lastProjection } from './projection.ts';
import type { ResidualChain, ResidualSum } from './residual.ts';
import { streamPlace } from './place.ts';
import type { Attention, Block, Carries, Mlp, Place } from './types.ts';
import { nodesBetween } from './walk.ts';

/** What a sum adds to the stream. */
type Role = 'attention' | 'mlp' | 'both';

/** One sum of the chain with what was read from its branches. */
interface Half {
  readonly sum: ResidualSum;
  readonly role: Role;
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
}

/** What `readBlocks` looks for in branches. */
export interface AttentionFound {
  readonly anchors: readonly AttentionAnchor[];
  readonly problems: readonly AnchorProblem[];
}

export function readBlocks(chain: ResidualChain, found: AttentionFound, types: TypeTable, origin: Origin, carries: Carries): BlocksRead {
  const used = new Set<GraphNode>();
  const halves = chain.map((sum, index): Half => {
    // A state may be handed on reshaped; only behind a norm is the model a post-norm one.
    const after = chain[index + 1]?.stream ?? normOfLast(sum, index, chain, origin) ?? sum.sum;
    const isPost = after !== sum.sum && isNorm(sum.sum, after);
    const roles = new Set<Role>();
    const refused: Refusal[] = [];
    let attention: Attention | null = null;
    let mlp: Mlp | null = null;
    for (const branch of sum.branches) {
      const inside = new Set(nodesBetween(sum.stream, branch));
      const anchor = found.anchors.find((candidate) => inside.has(candidate.outputProduct));
      const problem = anchor ? undefined : found.problems.find((candidate) => inside.has(candidate.softmax));
      const read = anchor ? readAttention(anchor, branch, types, origin, carries) : problem?.reason ?? readMlp(sum.stream, branch, types, origin, carries);
      const softmax = (anchor ?? problem)?.softmax;
      roles.add(softmax ? 'attention' : 'mlp');
      if (softmax) used.add(softmax);
      if (typeof read === 'string') refused.push({ what: softmax ? 'Attention' : 'The MLP', reason: read });
      else if ('softmax' in read) attention = read;
      else mlp = read;
    }
    const role = roles.size === 2 ? 'both' : roles.has('attention') ? 'attention' : 'mlp';
    return { sum, role, before: sum.stream, after, attention, mlp, norm: normPlace(sum, isPost, origin), refused };
  });
  const groups = pair(halves);
  const refused = groups.flatMap((group, layer) => group.flatMap((half) => half.refused.map(({ what, reason }) => ({ what: `${what} at layer ${layer}`, reason }))));
  return { blocks: groups.map((group, index) => blockOf(group, index, types)), refused, used };
}

/** Whether some attention on the chain takes its keys or values from elsewhere: cross attention. */
export function attendsElsewhere(chain: ResidualChain, anchors: readonly AttentionAnchor[], carries: Carries): boolean {
  const inside = new Set(chain.flatMap((sum) => sum.branches.flatMap((branch) => nodesBetween(sum.stream, branch))));
  return anchors.some(({ outputProduct, scoresProduct, values }) => {
    const keys = scoresProduct.inputs[1];
    return inside.has(outputProduct) && (!carries(values) || !keys || !carries(keys));
  });
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
