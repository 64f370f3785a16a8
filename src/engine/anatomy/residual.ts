/**
 * The residual stream: sums `x + f(x)` where f passes a projection, chained from the embedding to the last block.
 *
 * Rotary and gated products also add or multiply a tensor to something made from it; only the residual sum has a
 * learnt matrix on the way, which is what is looked for.
 */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import type { Origin } from './origin.ts';
import { isProjection, lastProjection } from './projection.ts';
import { choiceAmong } from './router.ts';
import { dominator, isShapeOp, nodesBetween, producerIndex, unalias } from './walk.ts';

export interface ResidualSum {
  readonly node: GraphNode;
  readonly sum: Value;
  /** The state that is added to. */
  readonly stream: Value;
  /** The same as the sum's node reads it. */
  readonly read: Value;
  /** What is added: the output of attention, of an MLP, or of both in parallel. */
  readonly branches: readonly Value[];
}

/** A chain of sums from the first state on; each sum's stream is the state that the one before it made. */
export type ResidualChain = readonly ResidualSum[];

export function residualChains(graph: Graph, origin: Origin): readonly ResidualChain[] {
  const sums = new Map<Value, ResidualSum>();
  for (const node of graph.nodes) {
    const found = residualSum(node, origin, sums);
    if (!found) continue;
    // x + attn, then + mlp where the MLP reads x too: one parallel sum in two nodes.
    const inner = found.branches.length === 2 ? node.inputs.find((input) => input && sums.get(unalias(input))?.stream === found.stream) : undefined;
    if (inner) sums.delete(unalias(inner));
    sums.set(found.sum, found);
  }
  const next = new Map<ResidualSum, ResidualSum>();
  const first: ResidualSum[] = [];
  for (const sum of sums.values()) {
    const previous = previousSum(sum.stream, sums, origin);
    if (previous && !next.has(previous)) next.set(previous, sum);
    else first.push(sum);
  }
  return first.map((start) => {
    const chain: ResidualSum[] = [];
    for (let sum: ResidualSum | undefined = start; sum; sum = next.get(sum)) chain.push(sum);
    return chain;
  });
}

function residualSum(node: GraphNode, origin: Origin, known: ReadonlyMap<Value, ResidualSum>): ResidualSum | undefined {
  const [a, b] = node.inputs;
  const sum = node.outputs[0];
  if (node.op !== 'Add' || !a || !b || !sum || !origin.isContent(a) || !origin.isContent(b)) return undefined;
  for (const [stream, branch] of [[a, b], [b, a]] as const) {
    const source = unalias(stream);
    const branches = branchesOf(branch, origin);
    if (!branches.every((part) => endsInProjection(part, origin) || passesChoice(source, part))) continue;
    if (branches.every((part) => passesProjection(source, part, origin))) return { node, sum, stream: source, read: stream, branches };
    const inner = known.get(source);
    if (inner?.branches.length === 1 && source.consumers.length === 1 && branches.length === 1 && passesProjection(inner.stream, branch, origin)) {
      return { node, sum, stream: inner.stream, read: inner.read, branches: [...inner.branches, branch] };
    }
  }
  return undefined;
}

/** The operands of `x + (attn + mlp)`'s inner sum, or the branch itself. */
function branchesOf(branch: Value, origin: Origin): readonly Value[] {
  const inner = unalias(branch).producer;
  const [a, b] = inner?.inputs ?? [];
  return inner?.op === 'Add' && a && b && origin.isContent(a) && origin.isContent(b) ? [a, b] : [branch];
}

/**
 * Whether the last product behind a branch is a projection, as in the outputs of attention and MLP. Sums of scores with
 * a mask or a position bias are told from residual sums by this: in later layers the mask is an ancestor of the scores.
 */
function endsInProjection(branch: Value, origin: Origin): boolean {
  return lastProjection(branch, origin) !== undefined;
}

/** In a mixture of experts the last product is with weights that were chosen for the token, so that it looks like one of activations. */
const passesChoice = (from: Value, to: Value): boolean => choiceAmong(nodesBetween(from, to)) !== undefined;

/** Whether content of `from` reaches `to` on some path with a projection. */
function passesProjection(from: Value, to: Value, origin: Origin): boolean {
  const floor = producerIndex(from);
  const seen = [new Set<Value>(), new Set<Value>()] as const;
  const stack: { readonly value: Value; readonly projected: boolean }[] = [{ value: to, projected: false }];
  for (let item = stack.pop(); item; item = stack.pop()) {
    const { value, projected } = item;
    if (value === from) {
      if (projected) return true;
      continue;
    }
    const visited = seen[projected ? 1 : 0];
    if (visited.has(value)) continue;
    visited.add(value);
    const producer = value.producer;
    if (!producer || producer.index <= floor || isShapeOp(producer)) continue;
    const through = projected || isProjection(producer, origin);
    for (const input of producer.inputs) if (input && origin.isContent(input)) stack.push({ value: input, projected: through });
  }
  return false;
}

/** The sum that a state comes from, directly or through a norm (post-norm models). */
function previousSum(state: Value, sums: ReadonlyMap<Value, ResidualSum>, origin: Origin): ResidualSum | undefined {
  const stop = (node: GraphNode): boolean => isProjection(node, origin);
  for (let value: Value | undefined = unalias(state); value; value = dominator(value, origin.isContent, stop)) {
    const sum = sums.get(value);
    if (sum) return sum;
  }
  return undefined;
}
