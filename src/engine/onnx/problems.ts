/** What keeps a graph from running, found without running it. */
import type { Graph } from './graph.ts';
import type { ModelProto, NodeProto } from './proto/onnx_pb.js';
import { subgraphsOf } from './subgraphs.ts';

export interface ModelProblem {
  /** As an error: bytes that are missing, or something understood that cannot be run. */
  readonly code: 'unreadable' | 'refused';
  /** The weight that it is about. */
  readonly weight?: string;
  readonly what: string;
  readonly reason: string;
  readonly todo: string;
}

const MAX_IR_VERSION = 13n;
/** Operator sets that onnxruntime-node 1.30 implements, by domain: the highest version. */
const implemented: ReadonlyMap<string, number> = new Map([['', 26], ['ai.onnx.ml', 5]]);
/** Domains with no version that could be too new. */
export const builtIn: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'ai.onnx.training', 'com.microsoft', 'com.microsoft.nchwc', 'com.ms.internal.nhwc', 'ai.onnx.preview.training']);

export function findProblems(graph: Graph, opset: ReadonlyMap<string, number>, proto: ModelProto): readonly ModelProblem[] {
  const problems: ModelProblem[] = [];
  for (const [domain, highest] of implemented) {
    const version = opset.get(domain);
    if (version !== undefined && version > highest) {
      problems.push({
        code: 'refused',
        what: `The model uses operator set ${version}${domain === '' ? '' : ` of ${domain}`}`,
        reason: `This version of Cogscope runs operator sets up to ${highest}`,
        todo: `Export the model with opset_version=${highest} or lower`,
      });
    }
  }
  if (proto.irVersion > MAX_IR_VERSION) {
    problems.push({
      code: 'refused',
      what: `The file is in version ${proto.irVersion} of the ONNX format`,
      reason: `This version of Cogscope runs versions up to ${MAX_IR_VERSION}`,
      todo: 'Export the model with an older exporter',
    });
  }
  const own = new Set(proto.functions.map((made) => `${made.domain}:${made.name}`));
  const foreign: NodeProto[] = [];
  const find = (node: NodeProto): void => {
    if (!builtIn.has(node.domain) && !own.has(`${node.domain}:${node.opType}`)) foreign.push(node);
    for (const inner of subgraphsOf(node)) inner.node.forEach(find);
  };
  for (const node of graph.nodes) (node.parts ?? [node]).forEach((part) => find(part.proto));
  for (const made of proto.functions) made.node.forEach(find);
  for (const domain of new Set(foreign.map((node) => node.domain))) {
    const ops = [...new Set(foreign.filter((node) => node.domain === domain).map((node) => node.opType))];
    problems.push({
      code: 'refused',
      what: `The model uses ${ops.join(', ')} of the domain "${domain}"`,
      reason: 'ONNX Runtime does not know this domain',
      todo: 'Export the model without custom operators',
    });
  }
  return problems;
}
