/** Which of the residual chains are the model's streams, one a tower, and why the others are not shown. */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import type { Refusal } from '../../shared/summary.ts';
import type { AttentionFound } from './branch.ts';
import { fusedAttention } from './branch.ts';
import { readPooling } from './pooling.ts';
import type { Pooling } from './pooling.ts';
import type { ResidualChain } from './residual.ts';
import type { Carries, Reading } from './types.ts';
import { flowsFrom, isShapeOp, nodesBetween, producerIndex } from './walk.ts';

export interface Stream {
  readonly chain: ResidualChain;
  /** The first state: what the embeddings made. */
  readonly first: Value;
  readonly carries: Carries;
  /** How another stream's positions become its first state, where that is all that it starts from. */
  readonly pooling?: Pooling;
}

export interface StreamChoice {
  /** A tower that reads another one stands behind it. */
  readonly streams: readonly Stream[];
  readonly refused: readonly Refusal[];
}

/**
 * The longest chain, and each other that mixes positions and starts from inputs of its own: an encoder and its decoder, a text tower and a
 * vision tower. Where a stream is interrupted, its first part, since layers are counted from there. A head that pools a stream by attention is one of its own.
 */
export function chooseStreams(graph: Graph, chains: readonly ResidualChain[], found: AttentionFound, { types, origin }: Pick<Reading, 'types' | 'origin'>): StreamChoice {
  const all = [...chains].sort((a, b) => b.length - a.length).flatMap((chain) => streamOf(graph, chain) ?? []);
  const chosen: Stream[] = [];
  for (const candidate of all) {
    let stream = candidate;
    for (let before = partBefore(stream, all); before; before = partBefore(stream, all)) stream = before;
    const isApart = chosen.every((other) => other !== stream && !other.carries(stream.first) && !stream.carries(other.first));
    if (chosen.length === 0 || (isApart && mixes(stream.chain, found))) chosen.push(stream);
  }
  const others = all.filter((stream) => !chosen.includes(stream));
  const pools = new Map(others.flatMap((stream) => {
    const last = stream.chain.length === 1 ? chosen.flatMap(({ chain }) => chain.at(-1)?.sum ?? []).find((state) => flowsInto(state, stream.first)) : undefined;
    const pooling = last && readPooling(graph, last, stream.first, types, origin);
    return pooling ? [[stream, { ...stream, pooling }] as const] : [];
  }));
  return { streams: inOrder([...chosen, ...pools.values()]), refused: leftOut(others.filter((stream) => !pools.has(stream)), chosen) };
}

function leftOut(others: readonly Stream[], chosen: readonly Stream[]): readonly Refusal[] {
  const count = (streams: readonly Stream[]): number => streams.reduce((sum, { chain }) => sum + chain.length, 0);
  const refused: Refusal[] = [];
  const rest = new Set(others);
  for (const { chain } of chosen) {
    const last = chain.at(-1)?.sum;
    const behind = [...rest].filter((stream) => last && flowsInto(last, stream.first));
    for (const stream of behind) rest.delete(stream);
    if (behind.length > 0) {
      refused.push({ what: `${count(behind)} residual sums behind the first ${chain.length}`, reason: 'Something that is not read stands in the stream between them, so their layers cannot be counted' });
    }
  }
  if (rest.size > 0) {
    refused.push({ what: `${count([...rest])} residual sums outside the main stream`, reason: 'They belong to no stream that starts from inputs of its own: a side branch is left out' });
  }
  return refused;
}

function streamOf(graph: Graph, chain: ResidualChain): Stream | undefined {
  const first = chain[0]?.stream;
  if (!first) return undefined;
  const flow = flowsFrom(graph, [first]);
  return { chain, first, carries: (value) => flow[value.id] === 1 };
}

/** A chain whose last state flows into the first one of `stream`. */
function partBefore(stream: Stream, all: readonly Stream[]): Stream | undefined {
  return all.find((other) => {
    const last = other.chain.at(-1)?.sum;
    return other !== stream && last !== undefined && other.carries(stream.first) && flowsInto(last, stream.first);
  });
}

/** Whether some branch of the chain lets positions look at each other. */
function mixes(chain: ResidualChain, { anchors, problems }: AttentionFound): boolean {
  const softmaxes = new Set<GraphNode>([...anchors, ...problems].map(({ softmax }) => softmax));
  return chain.some((sum) => sum.branches.some((branch) => nodesBetween(sum.stream, branch).some((node) => softmaxes.has(node) || fusedAttention.has(node.op))));
}

/** What is read by another comes first; else as the inputs stand. */
function inOrder(streams: readonly Stream[]): readonly Stream[] {
  const end = ({ chain, first }: Stream): Value => chain.at(-1)?.sum ?? first;
  const rank = new Map(streams.map((stream) => [stream, streams.filter((other) => other !== stream && flowsInto(end(other), end(stream))).length]));
  return [...streams].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0) || firstInput(a.first) - firstInput(b.first));
}

function firstInput(value: Value): number {
  let least = Infinity;
  visitBack(value, -1, ({ producer, inputIndex }) => {
    if (!producer && inputIndex >= 0) least = Math.min(least, inputIndex);
    return false;
  });
  return least;
}

/** Whether content of `from` is in `to`. */
export function flowsInto(from: Value, to: Value): boolean {
  return visitBack(to, producerIndex(from), (value) => value === from);
}

/** Whether `found` holds for a value that `to` is made from, among those made after node `floor`. */
function visitBack(to: Value, floor: number, found: (value: Value) => boolean): boolean {
  const seen = new Set<Value>();
  const stack: Value[] = [to];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (found(value)) return true;
    if (seen.has(value) || (value.producer && (value.producer.index <= floor || isShapeOp(value.producer)))) continue;
    seen.add(value);
    for (const input of value.producer?.inputs ?? []) if (input) stack.push(input);
  }
  return false;
}
