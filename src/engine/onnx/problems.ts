/** What keeps a graph from running, found without running it. */
import type { Graph } from './graph.ts';
import type { ModelProto } from './proto/onnx_pb.js';

export interface ModelProblem {
  /** As an error: bytes that are missing, or something understood that cannot be run. */
  readonly code: 'unreadable' | 'refused';
  readonly what: string;
  readonly reason: string;
  readonly todo: string;
}

/** Operator sets that onnxruntime-node 1.30 implements, by domain: the highest version. */
const implemented: ReadonlyMap<string, number> = new Map([['', 26], ['ai.onnx.ml', 5]]);
/** Domains with no version that could be too new. */
const builtIn: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'ai.onnx.training', 'com.microsoft', 'com.microsoft.nchwc', 'com.ms.internal.nhwc', 'ai.onnx.preview.training']);

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
  const own = new Set(proto.functions.map((made) => `${made.domain}:${made.name}`));
  const foreign = graph.nodes.filter((node) => !builtIn.has(node.domain) && !own.has(`${node.domain}:${node.op}`));
  for (const domain of new Set(foreign.map((node) => node.domain))) {
    const ops = [...new Set(foreign.filter((node) => node.domain === domain).map((node) => node.op))];
    problems.push({
      code: 'refused',
      what: `The model uses ${ops.join(', ')} of the domain "${domain}"`,
      reason: 'ONNX Runtime does not know this domain',
      todo: 'Export the model without custom operators',
    });
  }
  return problems;
}
