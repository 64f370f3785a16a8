/**
 * Cutting a graph into a chain of stages.
 *
 * The cuts are values (the residual stream and, where an edit asks for it, tensors inside a block), in the order in which
 * they are made. Every node belongs to the earliest stage in which all that it reads exists, where cut i exists only from
 * stage i + 1 on: so an edit of a cut value reaches all its readers, and of two towers the second waits for the first. What
 * crosses a boundary besides the cut (masks, rotary tables, skip connections, the encoder's last state) is found by liveness, never by name.
 */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import type { Rewriter } from './rewrite.ts';

export interface Stage {
  readonly index: number;
  /** In topological order; nodes fed by constants only are repeated in every stage that uses them. */
  readonly nodes: readonly GraphNode[];
  /** Values that must be fed: graph inputs and values of earlier stages. */
  readonly feeds: readonly Value[];
  /** Values made here that a later stage reads, that are cuts, or that were asked to be kept. */
  readonly carries: readonly Value[];
}

export interface Plan {
  readonly cuts: readonly Value[];
  /** One more than there are cuts: stage i ends with cut i, which may have been made before, the last one with the outputs. */
  readonly stages: readonly Stage[];
  /** The stage that makes a value; -1 for inputs and constants. */
  stageOf(value: Value): number;
}

export interface PlanOptions {
  /** None is made from a later one. */
  readonly cuts: readonly Value[];
  /** Cuts beside each other: what reads one of them stands behind all. */
  readonly beside?: readonly (readonly Value[])[];
  /** Outputs and taps that the chain must be able to give; nodes that lead to none of them are left out. */
  readonly wanted: readonly Value[];
  /** Values that must be made, and need not leave their stage. */
  readonly within?: readonly Value[];
  readonly rewriter: Rewriter;
  /** Whether a value depends on initialisers alone. */
  readonly constant: (value: Value) => boolean;
}

export function planStages(graph: Graph, options: PlanOptions): Plan {
  const { cuts, constant, rewriter } = options;
  const reads = (node: GraphNode): readonly Value[] => rewriter.reads(node);
  const needed = neededNodes([...options.wanted, ...options.within ?? [], ...cuts], reads);
  const cutIndex = new Map(cuts.map((cut, index) => [cut, index]));
  for (const group of options.beside ?? []) {
    const last = Math.max(...group.map((value) => cutIndex.get(value) ?? -1));
    for (const value of group) if (cutIndex.has(value)) cutIndex.set(value, last);
  }
  const made = new Map<Value, number>();
  const stageOf = (value: Value): number => made.get(value) ?? -1;
  const byStage: GraphNode[][] = [...cuts, undefined].map(() => []);
  const lastRead = new Map<Value, number>();

  // Rewiring makes a node read an earlier value, so the graph's own order stays a topological one.
  for (const node of graph.nodes) {
    if (!needed.has(node) || isConstantNode(node, constant)) continue;
    let stage = 0;
    for (const input of reads(node)) {
      // The shape of a cut is known as soon as it is made; its content may be edited first.
      const cut = node.op === 'Shape' ? undefined : cutIndex.get(input);
      stage = Math.max(stage, cut === undefined ? stageOf(input) : cut + 1);
    }
    byStage[stage]?.push(node);
    for (const output of node.outputs) if (output) made.set(output, stage);
    for (const input of reads(node)) lastRead.set(input, Math.max(lastRead.get(input) ?? -1, stage));
  }
  const context: PlanContext = { reads, stageOf, lastRead, kept: new Set([...options.wanted, ...cuts]), constant };
  return { cuts, stages: byStage.map((nodes, index) => collect(index, nodes, context)), stageOf };
}

interface PlanContext {
  readonly reads: (node: GraphNode) => readonly Value[];
  readonly stageOf: (value: Value) => number;
  /** The last stage that reads each value. */
  readonly lastRead: ReadonlyMap<Value, number>;
  readonly kept: ReadonlySet<Value>;
  readonly constant: (value: Value) => boolean;
}

function collect(index: number, nodes: readonly GraphNode[], context: PlanContext): Stage {
  const feeds = new Set<Value>();
  const carries = new Set<Value>();
  for (const node of nodes) {
    for (const input of context.reads(node)) if (!context.constant(input) && context.stageOf(input) < index) feeds.add(input);
    for (const output of node.outputs) {
      if (output && (context.kept.has(output) || (context.lastRead.get(output) ?? -1) > index)) carries.add(output);
    }
  }
  return { index, nodes: [...constantNodes(nodes, context), ...nodes], feeds: [...feeds], carries: [...carries] };
}

function neededNodes(wanted: readonly Value[], reads: (node: GraphNode) => readonly Value[]): ReadonlySet<GraphNode> {
  const needed = new Set<GraphNode>();
  const stack = [...wanted];
  for (let value = stack.pop(); value; value = stack.pop()) {
    const producer = value.producer;
    if (!producer || needed.has(producer)) continue;
    needed.add(producer);
    stack.push(...reads(producer));
  }
  return needed;
}

function isConstantNode(node: GraphNode, constant: (value: Value) => boolean): boolean {
  return node.outputs.every((output) => output === undefined || constant(output));
}

/** Nodes fed by initialisers alone that `nodes` need, in topological order. */
function constantNodes(nodes: readonly GraphNode[], { reads, constant }: PlanContext): readonly GraphNode[] {
  const found = new Set<GraphNode>();
  const stack = nodes.flatMap(reads);
  for (let value = stack.pop(); value; value = stack.pop()) {
    const producer = value.producer;
    if (!producer || !constant(value) || found.has(producer)) continue;
    found.add(producer);
    stack.push(...reads(producer));
  }
  return [...found].sort((a, b) => a.index - b.index);
}
