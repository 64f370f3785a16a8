/** Reads a model's anatomy from its graph, by structure alone. */
import type { OnnxModel } from '../onnx/model.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { NormPlace, PositionKind, Refusal } from '../../shared/summary.ts';
import type { Graph, GraphNode, Value, Weight } from '../onnx/graph.ts';
import { findAnchors } from './anchor.ts';
import type { AnchorProblem, AttentionAnchor } from './anchor.ts';
import { readBlocks } from './block.ts';
import { fusedAttention } from './branch.ts';
import type { AttentionFound } from './branch.ts';
import { contextLength } from './context.ts';
import { readEmbedding } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { Origin } from './origin.ts';
import { withCacheRoles } from './cacheRoles.ts';
import { chooseStream } from './mainStream.ts';
import { residualChains } from './residual.ts';
import { inputRoles } from './roles.ts';
import type { Anatomy, Block, Tower } from './types.ts';
import { isTriangle } from './triangle.ts';
import { readUnembed } from './unembed.ts';

export function readAnatomy(model: OnnxModel, types: TypeTable): Anatomy {
  const { graph } = model;
  const origin = new Origin(graph);
  const found = findAnchors(graph, types, origin);
  const { main, refused: left } = chooseStream(graph, residualChains(graph, origin), found.anchors);
  const refused: Refusal[] = [...left];
  if (!main) {
    if (left.length === 0) refused.push(noStream(graph, found.anchors));
    refused.push(...found.problems.map(problemRefusal));
    const [output] = graph.outputs;
    const lookups = output && readEmbedding(output, graph, types, origin);
    return { towers: [], roles: withCacheRoles(inputRoles({ graph, types, origin, embedding: lookups, maskedScores: maskedScores(graph, found) }), model.cacheSwitch), refused };
  }

  const [fusedSums] = unreadForms;
  if (fusedSums && graph.nodes.some((node) => fusedSums.ops.test(node.op))) refused.push({ what: 'Some residual sums', reason: fusedSums.reason });
  const read = readBlocks(main.chain, found, { types, origin, carries: main.carries, isTriangle: once((weight) => isTriangle(model, weight)) });
  refused.push(...read.refused, ...unused(found, read.used));
  const embedding = readEmbedding(main.first, graph, types, origin);
  const vocab = embedding.tokens?.rows ?? null;
  const last = read.blocks.at(-1)?.residPost.value ?? main.first;
  const unembedding = readUnembed(graph, last, vocab, types, origin);
  if (typeof unembedding === 'string') refused.push({ what: 'Predictions', reason: unembedding });
  const unembed = typeof unembedding === 'string' ? undefined : unembedding;
  const roles = withCacheRoles(inputRoles({ graph, types, origin, embedding, maskedScores: maskedScores(graph, found) }), model.cacheSwitch);
  const { causal } = read;
  const tower: Tower = {
    name: '',
    kind: causal ? 'decoder' : [...roles.values()].includes('pixels') ? 'vision' : 'encoder',
    blocks: read.blocks,
    norm: commonest(read.blocks.map((block) => block.norm)),
    positions: positionKind(read.blocks, embedding, graph),
    causal,
    context: contextLength(embedding, read.blocks, types, origin),
    dModel: asNumber(types.of(main.first).shape?.at(-1)) ?? embedding.tokens?.width ?? null,
    vocab: unembed?.vocab ?? vocab,
    embed: embedding.tokens ? { value: embedding.tokens.output, layout: [['batch'], ['pos'], ['dModel']] } : null,
    posEmbed: positionPlace(embedding, types, origin),
    finalNorm: unembed?.normalized ?? null,
    logits: unembed?.logits ?? null,
  };
  return { towers: [tower], roles, refused };
}

/** Layers share a mask. */
function once(answer: (weight: Weight) => boolean): (weight: Weight) => boolean {
  const known = new Map<Weight, boolean>();
  return (weight) => {
    const found = known.get(weight) ?? answer(weight);
    known.set(weight, found);
    return found;
  };
}

/** Position embeddings as a tensor, where they have the stream's three axes. */
function positionPlace(embedding: Embedding, types: TypeTable, origin: Origin): Tower['posEmbed'] {
  const value = embedding.positions?.value;
  return value && !origin.isConstant(value) && types.of(value).shape?.length === 3 ? { value, layout: [['batch'], ['pos'], ['dModel']] } : null;
}

/** Operators of rotary positions, where the attention that they turn is not read. */
const turning: ReadonlySet<string> = new Set(['RotaryEmbedding', 'Sin', 'Cos', 'GroupQueryAttention']);

function positionKind(blocks: readonly Block[], embedding: Embedding, graph: Graph): PositionKind {
  if (blocks.some((block) => block.attention?.rotary)) return 'rotary';
  const bias = blocks.map((block) => block.attention?.bias).find((found) => found !== null && found !== undefined);
  if (bias) return bias;
  if (embedding.positions) return 'learned';
  return blocks.every((block) => !block.attention) && graph.nodes.some((node) => turning.has(node.op)) ? 'rotary' : 'none';
}

function commonest(places: readonly NormPlace[]): NormPlace {
  const counts = new Map<NormPlace, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'none';
}

/** Where masks go: into every softmax of attention, read or not, and into fused attention behind queries, keys and values. */
function maskedScores(graph: Graph, { anchors, problems }: AttentionFound): readonly Value[] {
  const softmaxes = [...anchors, ...problems].flatMap(({ softmax }) => softmax.inputs[0] ?? []);
  const fused = graph.nodes.filter((node) => fusedAttention.has(node.op)).flatMap((node) => node.inputs.slice(3));
  return [...softmaxes, ...fused.filter((input): input is Value => input !== undefined)];
}

function noStream(graph: Graph, anchors: readonly AttentionAnchor[]): Refusal {
  const known = unreadForms.find(({ ops }) => graph.nodes.some((node) => ops.test(node.op)));
  if (known) return { what: 'Layers, heads and neurons', reason: known.reason };
  return anchors.length === 0
    ? { what: 'Layers, heads and neurons', reason: 'No attention and no residual stream were found in the graph; its inputs, outputs and nodes are listed all the same' }
    : {
      what: anchors.length === 1 ? 'Its one attention layer' : `Its ${anchors.length} attention layers`,
      reason: `${anchors.length === 1 ? 'Its output never meets' : 'Their outputs never meet'} a residual sum, so there is no stream to cut the model at`,
    };
}

/** Forms in which a graph hides its stream. */
const unreadForms: readonly { readonly ops: RegExp; readonly reason: string }[] = [
  { ops: /^(Skip.*LayerNormalization|EmbedLayerNormalization)$/, reason: 'Residual sums are fused with norms, which are not opened yet: export the model without fusing it' },
  { ops: /^(QLinearMatMul|QGemm|QLinearAdd)$/, reason: 'Values between operators are integers (QOperator format), which is not read: quantise with QuantFormat.QDQ, or use the float export' },
  { ops: /^(MatMulInteger|QAttention)$/, reason: 'Projections are quantised in a form that is not read: use the float export' },
];

/** Attention that belongs to no sum of the stream. */
function unused(found: AttentionFound, used: ReadonlySet<GraphNode>): readonly Refusal[] {
  return [
    ...found.problems.filter((problem) => !used.has(problem.softmax)).map(problemRefusal),
    ...found.anchors.filter((anchor) => !used.has(anchor.softmax)).map(({ softmax }) => ({
      what: around(softmax), reason: 'Its output does not reach a sum of the main residual stream through a projection',
    })),
  ];
}

const problemRefusal = ({ softmax, reason }: AnchorProblem): Refusal => ({ what: around(softmax), reason });
const around = (softmax: GraphNode): string => `The attention around node "${softmax.name || softmax.index}"`;
