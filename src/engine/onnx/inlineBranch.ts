/** One branch of an `If` in place of the node: its nodes and weights become the outer graph's own. */
import { create } from '@bufbuild/protobuf';
import { freshName } from './freshName.ts';
import { NodeProtoSchema } from './proto/onnx_pb.js';
import type { GraphProto, NodeProto } from './proto/onnx_pb.js';
import { namesOf, subgraphsOf } from './subgraphs.ts';

export function branchOf(node: NodeProto, taken: boolean): GraphProto | undefined {
  return node.attribute.find((attribute) => attribute.name === (taken ? 'then_branch' : 'else_branch'))?.g;
}

/**
 * Changes `graph`, and the branch, which must not be used again. A branch sees the names around it, and names of its own must not be
 * those; two branches may still share a name, so one that is taken gets another.
 */
export function inlineBranch(graph: GraphProto, node: NodeProto, branch: GraphProto): void {
  const taken = namesOf(graph);
  const own = new Set([...branch.initializer.map((tensor) => tensor.name), ...branch.node.flatMap((inner) => inner.output)].filter((name) => name !== ''));
  const names = new Map<string, string>();
  const handedOn: NodeProto[] = [];
  branch.output.forEach((output, index) => {
    const outer = node.output[index];
    if (outer === undefined || outer === '') return;
    if (own.has(output.name) && !names.has(output.name)) names.set(output.name, outer);
    else handedOn.push(create(NodeProtoSchema, { name: `${node.name}.${index}`, opType: 'Identity', input: [output.name], output: [outer] }));
  });
  const used = new Set([...taken, ...own]);
  for (const name of own) if (!names.has(name) && taken.has(name)) names.set(name, freshName(name, used));
  for (const inner of [...branch.node, ...handedOn]) renameNode(inner, names);
  for (const tensor of branch.initializer) tensor.name = names.get(tensor.name) ?? tensor.name;
  for (const info of branch.valueInfo) info.name = names.get(info.name) ?? info.name;
  const at = graph.node.indexOf(node);
  graph.node.splice(at, 1, ...branch.node, ...handedOn);
  graph.initializer.push(...branch.initializer);
  graph.valueInfo.push(...branch.valueInfo);
}

/** A node's reads and results under other names, those of its subgraphs included. */
function renameNode(node: NodeProto, names: ReadonlyMap<string, string>): void {
  const renamed = (name: string): string => names.get(name) ?? name;
  node.input = node.input.map(renamed);
  node.output = node.output.map(renamed);
  for (const graph of subgraphsOf(node)) {
    const hidden = namesOf(graph);
    const seen = new Map([...names].filter(([name]) => !hidden.has(name)));
    for (const inner of graph.node) renameNode(inner, seen);
    for (const output of graph.output) output.name = seen.get(output.name) ?? output.name;
  }
}
