/** Convolutions over an image: what they make, [batch, channel, height, width], and what they are called. */
import { intAttribute, intsAttribute } from '../onnx/attributes.ts';
import type { Graph, GraphNode } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { OnnxModel } from '../onnx/model.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Origin } from './origin.ts';
import { moduleName } from './moduleName.ts';
import type { Convolution, Tower } from './types.ts';

/** In the order in which they are computed. Structure decides what one is; names only label it. */
export function readConvolutions({ graph, records }: OnnxModel, types: TypeTable, origin: Origin): readonly Convolution[] {
  const depths = depthsOf(graph);
  const nodes = graph.nodes.filter((node) => isConvolution(node, types, origin));
  const sizes = (node: GraphNode): readonly number[] => (node.inputs[1] && types.of(node.inputs[1]).shape?.map((dim) => asNumber(dim) ?? 0)) ?? [];
  // Branches stand side by side in no order but the file's; how deep and how large they are is the same however it is written.
  const ordered = [...nodes].sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || compare(sizes(a), sizes(b)) || a.index - b.index);
  const names = namesOf(ordered.map((node) => moduleName(node, records)));
  return ordered.flatMap((node, index): readonly Convolution[] => {
    const output = node.outputs[0];
    const [channels, , height, width] = sizes(node);
    if (!output) return [];
    return [{
      name: names[index] ?? `conv${index}`,
      channels: channels || null,
      kernel: [height ?? 0, width ?? 0],
      stride: intsAttribute(node, 'strides') ?? [1, 1],
      groups: intAttribute(node, 'group') ?? 1,
      output: { value: output, layout: [['batch'], ['channel'], ['height'], ['width']] },
      node,
    }];
  });
}

/** A net of convolutions alone. */
export function convolutionalTower(convolutions: readonly Convolution[]): Tower {
  return {
    name: '', kind: 'cnn', blocks: [], convolutions, norm: 'none', positions: 'none', causal: false,
    context: null, dModel: null, vocab: null, embed: null, posEmbed: null, finalNorm: null, logits: null, ids: null, attendsTo: null,
  };
}

function isConvolution(node: GraphNode, types: TypeTable, origin: Origin): boolean {
  const [input, weight] = node.inputs;
  return node.op === 'Conv' && node.domain === '' && input !== undefined && weight !== undefined && origin.isContent(input) && origin.isConstant(weight)
    && types.of(weight).shape?.length === 4;
}

/** The most convolutions on a way to each node, itself included. */
function depthsOf(graph: Graph): ReadonlyMap<GraphNode, number> {
  const depths = new Map<GraphNode, number>();
  for (const node of graph.nodes) {
    const before = node.inputs.map((input) => (input?.producer ? depths.get(input.producer) ?? 0 : 0));
    depths.set(node, Math.max(0, ...before) + (node.op === 'Conv' ? 1 : 0));
  }
  return depths;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((size, index) => size !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** Names of modules where the file tells them and they tell the convolutions apart; conv0, conv1 … else. */
function namesOf(found: readonly (string | undefined)[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of found) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isOwn = (name: string | undefined): name is string => name !== undefined && counts.get(name) === 1;
  if (found.every(isOwn)) return found;
  // Beside numbers a name must not look like one.
  return found.map((name, index) => (isOwn(name) && !/^conv\d+$/.test(name) ? name : `conv${index}`));
}
