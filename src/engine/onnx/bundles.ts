/**
 * Bundles: nodes of the file that are one operator to whoever reads the graph. Quantisers write a product as four nodes and put a
 * pair of nodes around every activation; read as MatMul and Identity, a quantised model has the anatomy of the one that it was made
 * from. What runs are the file's own nodes, all of a bundle in one stage.
 */
import type { GraphNode, Value } from './graph.ts';

interface Bundle {
  readonly op: string;
  /** What the operator reads in its plain form: activation and matrix, table and indices. */
  readonly inputs: readonly Value[];
  /** In topological order; the last one makes the output. */
  readonly parts: readonly GraphNode[];
  /** Whose attributes and record are the bundle's. */
  readonly core: GraphNode;
}

/** By the operator that a bundle ends with. */
const recognisers: ReadonlyMap<string, (last: GraphNode) => Bundle | undefined> = new Map([
  ['Mul', integerProduct], ['MatMulIntegerToFloat', fusedProduct], ['DequantizeLinear', dequantised],
]);

/** The nodes with bundles in the place of their last parts; the same list where there are none. */
export function bundled(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const bundles = new Map<GraphNode, Bundle>();
  for (const node of nodes) {
    const found = recognisers.get(node.op)?.(node);
    if (found) bundles.set(node, found);
  }
  dropOpen(bundles);
  if (bundles.size === 0) return nodes;
  const gone = new Set([...bundles.values()].flatMap((bundle) => bundle.parts));
  return nodes.flatMap((node) => {
    const bundle = bundles.get(node);
    return bundle ? [asNode(bundle)] : gone.has(node) ? [] : [node];
  });
}

/** Leaves out bundles whose inside is read by others, until there are none. */
function dropOpen(bundles: Map<GraphNode, Bundle>): void {
  for (let dropped = bundles.size > 0; dropped;) {
    const parts = new Set([...bundles.values()].flatMap((bundle) => bundle.parts));
    const isOpen = (part: GraphNode): boolean => part.outputs.some((value) => value && (value.outputIndex >= 0 || value.consumers.some((reader) => !parts.has(reader))));
    const open = [...bundles].filter(([, bundle]) => bundle.parts.slice(0, -1).some(isOpen));
    for (const [last] of open) bundles.delete(last);
    dropped = open.length > 0;
  }
}

function asNode({ op, inputs, parts, core }: Bundle): GraphNode {
  const made = new Set(parts.flatMap((part) => part.outputs));
  const read = new Set(parts.flatMap((part) => [...part.inputs, ...part.captured]));
  const captured = [...read].filter((value): value is Value => value !== undefined && !made.has(value) && !inputs.includes(value));
  return { index: 0, op, domain: '', name: core.name, inputs, outputs: parts.at(-1)?.outputs ?? [], captured, proto: core.proto, parts };
}

/** `Cast(MatMulInteger(q(x), W)) * (scale of x * scale of W)`, as dynamic quantisation writes a product or a convolution. */
function integerProduct(last: GraphNode): Bundle | undefined {
  const [a, b] = last.inputs.map((input) => input?.producer);
  for (const [cast, scales] of [[a, b], [b, a]] as const) {
    const core = cast?.op === 'Cast' ? cast.inputs[0]?.producer : undefined;
    if (!cast || !core || scales?.op !== 'Mul' || (core.op !== 'MatMulInteger' && core.op !== 'ConvInteger')) continue;
    const [left, right] = core.inputs.map((input) => input?.producer);
    const [x, y] = [dynamicSource(left), dynamicSource(right) ?? core.inputs[1]];
    if (!left || !x || !y || !scales.inputs.includes(left.outputs[1])) continue;
    const parts = [left, ...(dynamicSource(right) && right ? [right] : []), core, cast, scales, last];
    return { op: core.op === 'MatMulInteger' ? 'MatMul' : 'Conv', inputs: [x, y], parts: inOrder(parts), core };
  }
  return undefined;
}

/** The same in one operator of ONNX Runtime's. */
function fusedProduct(core: GraphNode): Bundle | undefined {
  const left = core.inputs[0]?.producer;
  const x = dynamicSource(left);
  const matrix = core.inputs[1];
  return left && x && matrix ? { op: 'MatMul', inputs: [x, matrix], parts: [left, core], core } : undefined;
}

/** What a DynamicQuantizeLinear quantises. */
function dynamicSource(node: GraphNode | undefined): Value | undefined {
  return node?.op === 'DynamicQuantizeLinear' ? node.inputs[0] : undefined;
}

/** A value that is rounded to few bits and back: nearly an Identity. Or rows of a table of few bits. */
function dequantised(last: GraphNode): Bundle | undefined {
  const before = last.inputs[0]?.producer;
  const [source, indices] = before?.inputs ?? [];
  if (!before || !source) return undefined;
  if (before.op === 'QuantizeLinear' && !source.weight) return { op: 'Identity', inputs: [source], parts: [before, last], core: before };
  if (before.op === 'Gather' && source.weight && indices) return { op: 'Gather', inputs: [source, indices], parts: [before, last], core: before };
  return undefined;
}

const inOrder = (parts: readonly GraphNode[]): readonly GraphNode[] => [...parts].sort((a, b) => a.index - b.index);
