/** Which of the residual chains is the model's stream, and why the others are not shown. */
import type { Graph, Value } from '../onnx/graph.ts';
import type { Refusal } from '../../shared/summary.ts';
import type { AttentionAnchor } from './anchor.ts';
import type { ResidualChain } from './residual.ts';
import type { Carries } from './types.ts';
import { flowsFrom, nodesBetween } from './walk.ts';

export interface MainStream {
  readonly chain: ResidualChain;
  /** The first state: what the token and position embeddings made. */
  readonly first: Value;
  readonly carries: Carries;
}

export interface StreamChoice {
  readonly main: MainStream | undefined;
  readonly refused: readonly Refusal[];
}

/** The longest chain that attends to itself alone; where the stream is interrupted, its first part, since layers are counted from there. */
export function chooseStream(graph: Graph, chains: readonly ResidualChain[], anchors: readonly AttentionAnchor[]): StreamChoice {
  const refused: Refusal[] = [];
  const streams = [...chains].sort((a, b) => b.length - a.length).flatMap((chain) => streamOf(graph, chain) ?? []);
  const own = streams.filter(({ chain, carries }) => {
    const crosses = attendsElsewhere(chain, anchors, carries);
    if (crosses) refused.push({ what: `A stream of ${chain.length} residual sums`, reason: 'It attends to another stream (cross attention), which Cogscope does not read yet' });
    return !crosses;
  });
  let [main] = own;
  for (let before = partBefore(main, own); before; before = partBefore(main, own)) main = before;
  if (!main) return { main, refused };
  const count = (streams: readonly MainStream[]): number => streams.reduce((sum, { chain }) => sum + chain.length, 0);
  const last = main.chain.at(-1)?.sum;
  const others = own.filter((stream) => stream !== main);
  const behind = others.filter((stream) => last && flowsInto(last, stream.first));
  if (behind.length > 0) {
    refused.push({ what: `${count(behind)} residual sums behind the first ${main.chain.length}`, reason: 'Something that is not read stands in the stream between them, so their layers cannot be counted' });
  }
  if (others.length > behind.length) {
    refused.push({ what: `${count(others) - count(behind)} residual sums outside the main stream`, reason: 'Cogscope reads one stream so far; a second tower or a side branch is left out' });
  }
  return { main, refused };
}

function streamOf(graph: Graph, chain: ResidualChain): MainStream | undefined {
  const first = chain[0]?.stream;
  if (!first) return undefined;
  const flow = flowsFrom(graph, [first]);
  return { chain, first, carries: (value) => flow[value.id] === 1 };
}

/** A chain whose last state flows into the first one of `stream`. */
function partBefore(stream: MainStream | undefined, all: readonly MainStream[]): MainStream | undefined {
  if (!stream) return undefined;
  return all.find((other) => {
    const last = other.chain.at(-1)?.sum;
    return other !== stream && last !== undefined && other.carries(stream.first) && flowsInto(last, stream.first);
  });
}

function flowsInto(from: Value, to: Value): boolean {
  const floor = from.producer?.index ?? -1;
  const seen = new Set<Value>();
  const stack: Value[] = [to];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (value === from) return true;
    if (seen.has(value) || (value.producer?.index ?? -1) <= floor) continue;
    seen.add(value);
    for (const input of value.producer?.inputs ?? []) if (input) stack.push(input);
  }
  return false;
}

/** Whether some attention on the chain takes its keys or values from elsewhere: cross attention. */
function attendsElsewhere(chain: ResidualChain, anchors: readonly AttentionAnchor[], carries: Carries): boolean {
  const inside = new Set(chain.flatMap((sum) => sum.branches.flatMap((branch) => nodesBetween(sum.stream, branch))));
  return anchors.some(({ outputProduct, scoresProduct, values }) => {
    const keys = scoresProduct.inputs[1];
    return inside.has(outputProduct) && (!carries(values) || !keys || !carries(keys));
  });
}
