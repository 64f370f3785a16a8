/** Walking the graph by structure: what flows from what, which value all paths pass. */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';

/** Operators whose output tells about a tensor's shape and carries none of its content. */
const shapeOps: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** Operators that hand a tensor on unchanged, or nearly so (a cast of precision). */
const aliasOps: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Dropout']);

export function isShapeOp(node: GraphNode): boolean {
  return shapeOps.has(node.op);
}

/** The source of a value behind casts and identities. */
export function unalias(value: Value): Value {
  let current = value;
  while (current.producer && aliasOps.has(current.producer.op) && current.producer.inputs[0]) current = current.producer.inputs[0];
  return current;
}

export const producerIndex = (value: Value): number => value.producer?.index ?? -1;

/** Ids of all values that content of `source` flows into. */
export function flowsFrom(graph: Graph, sources: readonly Value[]): Uint8Array {
  const flow = new Uint8Array(graph.values.length);
  for (const source of sources) flow[source.id] = 1;
  const isReached = (value: Value | undefined): boolean => value !== undefined && flow[value.id] === 1;
  // What lies before all of them is not reached.
  for (let index = Math.min(...sources.map(producerIndex)) + 1; index < graph.nodes.length; index++) {
    const node = graph.nodes[index];
    if (!node || isShapeOp(node) || !(node.inputs.some(isReached) || node.captured.some(isReached))) continue;
    for (const output of node.outputs) if (output) flow[output.id] = 1;
  }
  return flow;
}

/**
 * The nearest value that all content of `value` passes, walking back over inputs for which `keep` holds.
 * Undefined where there is none before a node for which `stop` holds.
 */
export function dominator(value: Value, keep: (value: Value) => boolean, stop: (node: GraphNode) => boolean): Value | undefined {
  const frontier = new Set<Value>();
  let current: Value = value;
  for (;;) {
    const producer = current.producer;
    if (!producer || stop(producer) || isShapeOp(producer)) return undefined;
    for (const input of producer.inputs) if (input && keep(input)) frontier.add(input);
    if (frontier.size === 0) return undefined;
    if (frontier.size === 1) return [...frontier][0];
    current = [...frontier].reduce((latest, other) => (producerIndex(other) > producerIndex(latest) ? other : latest));
    frontier.delete(current);
  }
}

/** By start and end: each part of a layer is asked several things. A graph never changes once it is walked. */
const knownBetween = new WeakMap<Value, Map<Value, readonly GraphNode[]>>();

/** Nodes between `from` and `to`: those that content of `from` passes on its way to `to`, in topological order. */
export function nodesBetween(from: Value, to: Value): readonly GraphNode[] {
  const known = knownBetween.get(from) ?? new Map<Value, readonly GraphNode[]>();
  const between = known.get(to) ?? findBetween(from, to);
  knownBetween.set(from, known.set(to, between));
  return between;
}

function findBetween(from: Value, to: Value): readonly GraphNode[] {
  const floor = producerIndex(from);
  // First all nodes before `to`, then, in topological order, those of them that `from` flows into.
  const before = new Set<GraphNode>();
  const stack: Value[] = to === from ? [] : [to];
  for (let value = stack.pop(); value; value = stack.pop()) {
    const { producer } = value;
    if (!producer || producer.index <= floor || isShapeOp(producer) || before.has(producer)) continue;
    before.add(producer);
    for (const input of producer.inputs) if (input && input !== from) stack.push(input);
  }
  const reached = new Set<Value>([from]);
  const isReached = (input: Value | undefined): boolean => input !== undefined && reached.has(input);
  return [...before].sort((a, b) => a.index - b.index).filter((node) => {
    if (!node.inputs.some(isReached)) return false;
    for (const output of node.outputs) if (output) reached.add(output);
    return true;
  });
}
