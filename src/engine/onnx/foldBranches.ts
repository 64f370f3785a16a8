/** Ifs whose condition is the same in every run ("are there as many keys as queries?"), as TorchScript leaves them. */
import { buildGraph } from './buildGraph.ts';
import type { Weight } from './graph.ts';
import { asNumber } from './infer/dim.ts';
import { inferTypes } from './infer/infer.ts';
import { branchOf, inlineBranch } from './inlineBranch.ts';
import type { GraphProto, NodeProto } from './proto/onnx_pb.js';

/**
 * Takes the branch that is always run in place of each such `If`; others stay. Changes `graph`, and says whether it did: a branch
 * may bring further Ifs and weights along.
 */
export function foldBranches(proto: GraphProto, weights: ReadonlyMap<string, Weight>, opset: ReadonlyMap<string, number>): boolean {
  if (!proto.node.some((node) => node.opType === 'If')) return false;
  const graph = buildGraph(proto, weights);
  const types = inferTypes({ graph, opset });
  const decided = graph.nodes.flatMap((node): readonly (readonly [NodeProto, GraphProto])[] => {
    const condition = node.op === 'If' ? node.inputs[0] : undefined;
    const answer = condition && asNumber(types.of(condition).content?.[0]);
    const branch = answer === undefined ? undefined : branchOf(node.proto, answer !== 0);
    return branch ? [[node.proto, branch]] : [];
  });
  for (const [node, branch] of decided) inlineBranch(proto, node, branch);
  return decided.length > 0;
}
