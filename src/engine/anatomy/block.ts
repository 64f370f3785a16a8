/** From the sums of one residual chain to blocks: which half each sum is, and which state stands between. */
import type { Value } from '../onnx/graph.ts';
import type { NormPlace, Refusal } from '../../shared/summary.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { AttentionAnchor } from './anchor.ts';
import { readAttention } from './attention.ts';
import { readMlp } from './mlp.ts';
import { isNorm, normBehind } from './norm.ts';
import type { Origin } from './origin.ts';
import { lastProjection } from './projection.ts';
import type { ResidualChain, ResidualSum } from './residual.ts';
import type { Attention, Block, Carries, Mlp, Place } from './types.ts';
import { nodesBetween } from './walk.ts';

/** One sum of the chain with what was read from its branches. */
interface Half {
  readonly sum: ResidualSum;
  readonly before: Value;
  readonly after: Value;
  readonly attention: Attention | null;
  readonly mlp: Mlp | null;
  readonly norm: NormPlace;
}

export interface BlocksRead {
  readonly blocks: readonly Block[];
  readonly refused: readonly Refusal[];
  /** Anchors that belong to some branch. */
  readonly used: ReadonlySet<AttentionAnchor>;
}

export function readBlocks(chain: ResidualChain, anchors: readonly AttentionAnchor[], types: TypeTable, origin: Origin, carries: Carries): BlocksRead {
  const refused: Refusal[] = [];
  const used = new Set<AttentionAnchor>();
  const halves = chain.map((sum, index): Half => {
    const next = chain[index + 1];
    const post = next ? (next.stream === sum.sum ? undefined : next.stream) : normOfLast(sum, index, chain, origin);
    let attention: Attention | null = null;
    let mlp: Mlp | null = null;
    for (const branch of sum.branches) {
      const inside = new Set(nodesBetween(sum.stream, branch));
      const anchor = anchors.find((candidate) => inside.has(candidate.outputProduct));
      const read = anchor ? readAttention(anchor, branch, types, origin, carries) : readMlp(sum.stream, branch, types, origin, carries);
      if (anchor) used.add(anchor);
      if (typeof read === 'string') refused.push({ what: `${anchor ? 'Attention' : 'The MLP'} of residual sum ${index}`, reason: read });
      else if ('softmax' in read) attention = read;
      else mlp = read;
    }
    return { sum, before: sum.stream, after: post ?? sum.sum, attention, mlp, norm: normPlace(sum, post !== undefined, origin) };
  });
  return { blocks: pair(halves), refused, used };
}

/** In a post-norm model the last state is a norm of the last sum as well. */
function normOfLast(sum: ResidualSum, index: number, chain: ResidualChain, origin: Origin): Value | undefined {
  const previous = chain[index - 1];
  return previous && previous.sum !== sum.stream ? normBehind(sum.sum, origin) : undefined;
}

/** An attention sum opens a block; an MLP sum closes the open one, or is a block of its own. */
function pair(halves: readonly Half[]): readonly Block[] {
  const groups: Half[][] = [];
  for (const half of halves) {
    const open = groups.at(-1);
    if (open?.length === 1 && open[0]?.attention && !open[0].mlp && half.mlp && !half.attention) open.push(half);
    else groups.push([half]);
  }
  return groups.map((group, index): Block => {
    const [first, second] = group as [Half, Half | undefined];
    const last = second ?? first;
    const attention = first.attention;
    const mlp = last.mlp;
    return {
      index,
      residPre: stream(first.before),
      residMid: second ? stream(first.after) : null,
      residPost: stream(last.after),
      attention,
      mlp,
      norm: attention && mlp && !second ? 'parallel' : first.norm,
      sums: group.map((half) => half.sum.sum),
    };
  });
}

const stream = (value: Value): Place => ({ value, layout: [['batch'], ['pos'], ['dModel']] });

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
