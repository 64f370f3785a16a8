/**
 * Merged decoders: the whole model stands in the two branches of one `If`, and an input says whether past keys and values
 * are given. The file is shown as one of the two models in it.
 */
import { BOOL } from './elementType.ts';
import { branchOf, inlineBranch } from './inlineBranch.ts';
import type { GraphProto, NodeProto, ValueInfoProto } from './proto/onnx_pb.js';
import { capturedNames } from './subgraphs.ts';

/** What was taken out of the graph. */
export interface CacheSwitch {
  /** The input that chooses, by name. */
  readonly input: string;
  /** What it is for the branch that is shown. */
  readonly value: boolean;
  /** Inputs that only the branch with a past reads, by name. */
  readonly pasts: ReadonlySet<string>;
}

/** Takes the branch with or without a past in place of the `If`. Undefined where the graph has none: it is left as it is. Changes `graph`. */
export function chooseCacheBranch(graph: GraphProto, withPast: boolean): CacheSwitch | undefined {
  const ifs = graph.node.filter((node) => node.opType === 'If');
  if (ifs.length === 0) return undefined;
  const inputs = new Map(graph.input.map((info) => [info.name, info]));
  const makers = new Map(graph.node.flatMap((node) => node.output.map((output) => [output, node] as const)));
  let found: CacheSwitch | undefined;
  for (const node of ifs) {
    const input = switchBehind(node.input[0] ?? '', inputs, makers);
    const [whenTrue, whenFalse] = [branchOf(node, true), branchOf(node, false)];
    if (input === undefined || !whenTrue || !whenFalse || (found && found.input !== input)) continue;
    const [readTrue, readFalse] = [pastsRead(whenTrue, inputs), pastsRead(whenFalse, inputs)];
    // Only where exactly one of them reads any is it sure which is which.
    if ((readTrue.size === 0) === (readFalse.size === 0)) continue;
    const value = (readTrue.size > 0) === withPast;
    inlineBranch(graph, node, value ? whenTrue : whenFalse);
    found = { input, value, pasts: new Set([...found?.pasts ?? [], ...readTrue, ...readFalse]) };
  }
  return found;
}

/** The boolean input that a condition is, by name. */
function switchBehind(name: string, inputs: ReadonlyMap<string, ValueInfoProto>, makers: ReadonlyMap<string, NodeProto>): string | undefined {
  let current = name;
  for (let maker = makers.get(current); maker; maker = makers.get(current)) {
    if (!['Identity', 'Cast', 'Squeeze', 'Reshape'].includes(maker.opType)) return undefined;
    current = maker.input[0] ?? '';
  }
  const type = inputs.get(current)?.type?.value;
  return type?.case === 'tensorType' && type.value.elemType === BOOL ? current : undefined;
}

/** Inputs with the axes of keys and values, [batch, heads, positions, width], that a branch reads. */
function pastsRead(branch: GraphProto, inputs: ReadonlyMap<string, ValueInfoProto>): ReadonlySet<string> {
  const read = branch.node.flatMap((node) => [...node.input, ...capturedNames(node)]);
  return new Set([...read, ...branch.output.map((output) => output.name)].filter((name) => {
    const type = inputs.get(name)?.type?.value;
    return type?.case === 'tensorType' && type.value.shape?.dim.length === 4;
  }));
}
