/**
 * Fused operators written out in plain ones, before anything else looks at the graph: so that anatomy finds what is inside
 * them, a run can be tapped and edited there, and an edit of the residual stream reaches the norm behind it.
 *
 * The weights stay where they are. What is not written out stays as it is, with the reason.
 */
import { create } from '@bufbuild/protobuf';
import { buildGraph } from '../buildGraph.ts';
import type { Graph, Weight } from '../graph.ts';
import { inferTypes } from '../infer/infer.ts';
import { GraphProtoSchema } from '../proto/onnx_pb.js';
import type { NodeProto } from '../proto/onnx_pb.js';
import { FusedNode, isUsed } from './fusedNode.ts';
import { ruleFor } from './table.ts';
import { Names, writable, Writer } from './writer.ts';

export interface Decomposed {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Weight>;
  /** Fused operators that were written out, by name. */
  readonly written: ReadonlySet<string>;
  /** Why those that are left were not; by the node as the graph holds it. */
  readonly left: ReadonlyMap<NodeProto, string>;
}

/** Older operator sets lack what the rules write. */
const MIN_OPSET = 11;

export function decompose(graph: Graph, weights: ReadonlyMap<string, Weight>, opset: ReadonlyMap<string, number>): Decomposed {
  const left = new Map<NodeProto, string>();
  const written = new Set<string>();
  if (!graph.nodes.some((node) => ruleFor(node))) return { graph, weights, written, left };
  const types = inferTypes({ graph, opset });
  const names = new Names(graph.byName.keys());
  const nodes = graph.nodes.flatMap((node): readonly NodeProto[] => {
    const rule = ruleFor(node);
    if (!rule) return (node.parts ?? [node]).map((part) => part.proto);
    const fused = new FusedNode(node, types);
    const reason = unable(fused) ?? rule.unable(fused);
    const made = reason === undefined ? writeOut(fused, new Writer(node, types.opset, names), rule.write) : reason;
    if (typeof made === 'string') {
      left.set(node.proto, made);
      return [node.proto];
    }
    written.add(node.op);
    return made;
  });
  if (written.size === 0) return { graph, weights, written, left };
  const all = new Map([...weights, ...names.constants]);
  const proto = create(GraphProtoSchema, { ...graph.proto, node: nodes });
  return { graph: buildGraph(proto, all), weights: all, written, left };
}

function unable({ opset, elemType, node }: FusedNode): string | undefined {
  if (opset < MIN_OPSET) return `its operator set is ${opset}, older than ${MIN_OPSET}`;
  const isFloat = node.op === 'EmbedLayerNormalization' || writable.has(elemType);
  return isFloat ? undefined : 'the type of its input is not known to be float32 or float16';
}

type Write = (node: FusedNode, writer: Writer) => readonly (string | undefined)[];

/** The nodes, with the results under the names that the fused operator gave them; or which output has none. */
function writeOut(fused: FusedNode, writer: Writer, write: Write): readonly NodeProto[] | string {
  const results = write(fused, writer);
  const finals = new Map<string, string>();
  for (const [index, output] of fused.node.outputs.entries()) {
    if (!output || !isUsed(output)) continue;
    const result = results[index];
    if (result === undefined) return `its output ${index + 1} is used, which is not written out`;
    // A result that is asked for twice, or that is an input, is handed on.
    const isOwn = writer.nodes.some((node) => node.output.includes(result));
    finals.set(isOwn && !finals.has(result) ? result : writer.op('Identity', [result]), output.name);
  }
  const renamed = (name: string): string => finals.get(name) ?? name;
  for (const node of writer.nodes) {
    node.input = node.input.map(renamed);
    node.output = node.output.map(renamed);
  }
  return writer.nodes;
}
