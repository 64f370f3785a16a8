/** From the sums of one residual chain to blocks: which half each sum is, and which state stands between. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { NormPlace, Refusal } from '../../shared/summary.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { readAttention } from './attention.ts';
import { readBranch } from './branch.ts';
import type { AttentionFound } from './branch.ts';
import { isNorm, normBehind } from './norm.ts';
import type { Origin } from './origin.ts';
import { lastProjection } from './projection.ts';
import type { ResidualChain, ResidualSum } from './residual.ts';
import { streamPlace } from './place.ts';
import type { Pooling } from './pooling.ts';
import { routerPlace } from './router.ts';
import type { Attention, Block, HalfRole, Mlp, Place, Reading } from './types.ts';
import { nodesBetween } from './walk.ts';

/** One sum of the chain with what was read from its branches. */
interface Half {
  readonly sum: ResidualSum;
  readonly role: HalfRole | 'both';
  readonly before: Value;
  readonly after: Value;
  readonly attention: Attention | null;
  readonly mlp: Mlp | null;
  readonly router: Place | null;
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
  const states = chain.map((sum, index) => inRows(sum.sum, chain[index + 1]?.stream ?? normOfLast(sum, index, chain, origin) ?? sum.sum, types));
  const halves = chain.map((sum, index): Half => {
    const after = states[index] ?? sum.sum;
    // A state may be handed on reshaped; only behind a norm is the model a post-norm one.
    const isPost = after !== sum.sum && isNorm(sum.sum, after);
    const branches = sum.branches.map((branch) => readBranch(sum.stream, branch, found, reading));
    for (const { softmax } of branches) if (softmax) used.add(softmax);
    causal ||= branches.some((branch) => branch.causal);
    const choice = branches.find((branch) => branch.choice)?.choice;
    const roles = [...new Set(branches.map((branch) => branch.role))];
    return {
      sum, before: states[index - 1] ?? sum.stream, after,
      role: roles.length === 1 && roles[0] ? roles[0] : 'both',
      attention: branches.find((branch) => branch.attention)?.attention ?? null,
      // An expert that all tokens pass is a part of what is added, and not the MLP.
      mlp: choice ? null : branches.find((branch) => branch.mlp)?.mlp ?? null,
      router: choice ? routerPlace(choice, types) : null,
      norm: normPlace(sum, isPost, origin),
      refused: branches.flatMap(({ role, refused }) => (refused === null ? [] : [{ what: partNames[role], reason: refused }])),
    };
  });
  const groups = group(halves);
  const refused = groups.flatMap((members, layer) => members.flatMap((half) => half.refused.map(({ what, reason }) => ({ what: `${what} at layer ${layer}`, reason }))));
  return { blocks: groups.map((members, index) => blockOf(members, index, types)), refused, used, causal };
}

const partNames: Readonly<Record<HalfRole, string>> = { attention: 'Attention', cross: 'Cross attention', mlp: 'The MLP' };

/**
 * The state that a sum makes in the form in which batch and positions are axes of their own, where it is also reshaped to have them
 * in one (OPT): what reads the one form reads it by way of the other.
 */
function inRows(sum: Value, state: Value, types: TypeTable): Value {
  const rank = (value: Value): number | undefined => types.of(value).shape?.length;
  if (rank(state) !== 2) return state;
  if (state.producer?.op === 'Reshape' && state.producer.inputs[0] === sum && rank(sum) === 3) return sum;
  const [reader] = state.consumers;
  const [reshaped] = reader?.outputs ?? [];
  return reader?.op === 'Reshape' && state.consumers.length === 1 && reader.inputs[0] === state && reshaped && rank(reshaped) === 3 ? reshaped : state;
}

/** In a post-norm model the last state is a norm of the last sum as well. */
function normOfLast(sum: ResidualSum, index: number, chain: ResidualChain, origin: Origin): Value | undefined {
  const previous = chain[index - 1];
  return previous && previous.sum !== sum.stream && isNorm(previous.sum, sum.stream) ? normBehind(sum.sum, origin) : undefined;
}

/** A head that pools: attention from a learnt query to another stream's positions, whose output is the state that an MLP adds to. */
export function readPool(pooling: Pooling, sum: ResidualSum, reading: Reading): BlocksRead {
  const { anchor, origin } = pooling;
  const { types, flowFrom } = reading;
  const attention = readAttention(anchor, sum.stream, { ...reading, origin, carries: flowFrom(pooling.probe) });
  const branches = sum.branches.map((branch) => readBranch(sum.stream, branch, { anchors: [], problems: [] }, reading));
  const cross = typeof attention === 'string' ? null : attention;
  const start = streamPlace(sum.stream, types);
  const refused = [...(typeof attention === 'string' ? [{ what: 'Attention', reason: attention }] : []), ...branches.flatMap((branch) => (branch.refused === null ? [] : [{ what: 'The MLP', reason: branch.refused }]))];
  return {
    blocks: [{
      index: 0, residPre: null, start, residMid: null, residMidCross: start, residPost: streamPlace(sum.sum, types),
      attention: null, cross, mlp: branches.find(({ mlp }) => mlp)?.mlp ?? null, router: null, norm: normPlace(sum, false, reading.origin),
      steps: [{ role: 'mlp', entering: streamPlace(sum.read, types), sum: streamPlace(sum.sum, types) }],
    }],
    refused: refused.map(({ what, reason }) => ({ what: `${what} of the head that pools`, reason })),
    used: new Set([anchor.softmax]),
    causal: false,
  };
}

/** A block's order: attention to the stream itself, to another stream, the MLP. */
const order: Readonly<Record<Half['role'], number>> = { attention: 0, cross: 1, mlp: 2, both: 3 };

/** A sum joins the open block where its part comes after the block's last one, and opens a block else. Whether they could be read makes no difference. */
function group(halves: readonly Half[]): readonly (readonly Half[])[] {
  const groups: Half[][] = [];
  for (const half of halves) {
    const open = groups.at(-1);
    const last = open?.at(-1);
    if (open && last && half.role !== 'both' && order[last.role] < order[half.role]) open.push(half);
    else groups.push([half]);
  }
  return groups;
}

function blockOf(halves: readonly Half[], index: number, types: TypeTable): Block {
  const [first] = halves as readonly [Half, ...Half[]];
  const last = halves.at(-1) ?? first;
  const stream = (value: Value): Place => streamPlace(value, types);
  const of = (role: HalfRole): Half | undefined => halves.find((half) => half.role === role);
  const behind = (role: HalfRole): Place | null => {
    const half = of(role);
    return half && half !== last ? stream(half.after) : null;
  };
  return {
    index,
    residPre: stream(first.before),
    start: stream(first.before),
    residMid: behind('attention'),
    residMidCross: behind('cross'),
    residPost: stream(last.after),
    attention: (of('attention') ?? (first.role === 'both' ? first : undefined))?.attention ?? null,
    cross: of('cross')?.attention ?? null,
    mlp: last.mlp,
    router: last.router,
    norm: first.role === 'both' ? 'parallel' : first.norm,
    steps: halves.map((half) => ({ role: half.role, entering: stream(half.sum.read), sum: stream(half.sum.sum) })),
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
