/** Graphs that stand inside a node: branches of an If, bodies of a Loop or Scan. */
import type { AttributeProto, GraphProto, NodeProto } from './proto/onnx_pb.js';

const noGraphs: readonly GraphProto[] = [];
const holdsGraph = (attribute: AttributeProto): boolean => attribute.g !== undefined || attribute.graphs.length > 0;

export function subgraphsOf(node: NodeProto): readonly GraphProto[] {
  // Nearly every node has none, and every node is asked.
  return node.attribute.some(holdsGraph) ? node.attribute.flatMap(graphsOf) : noGraphs;
}

export function graphsOf(attribute: AttributeProto): readonly GraphProto[] {
  return attribute.g ? [attribute.g, ...attribute.graphs] : attribute.graphs;
}

const none: ReadonlySet<string> = new Set();

/** Names that a node's subgraphs read from outside. */
export function capturedNames(node: NodeProto): ReadonlySet<string> {
  const graphs = subgraphsOf(node);
  if (graphs.length === 0) return none;
  const captured = new Set<string>();
  for (const graph of graphs) {
    const own = namesOf(graph);
    for (const inner of graph.node) {
      for (const name of [...inner.input, ...capturedNames(inner)]) if (name !== '' && !own.has(name)) captured.add(name);
    }
    for (const output of graph.output) if (!own.has(output.name)) captured.add(output.name);
  }
  return captured;
}

/** Names that a graph itself makes or is given, those inside its subgraphs left out. */
export function namesOf(graph: GraphProto): Set<string> {
  return new Set([...graph.input.map((info) => info.name), ...graph.initializer.map((tensor) => tensor.name), ...graph.node.flatMap((node) => node.output)]);
}
