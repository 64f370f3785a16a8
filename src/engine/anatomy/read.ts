/** Reads a model's anatomy from its graph, by structure alone. */
import type { OnnxModel } from '../onnx/model.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { NormPlace, PositionKind, Refusal } from '../../shared/summary.ts';
import { findAnchors } from './anchor.ts';
import type { AttentionAnchor } from './anchor.ts';
import { readBlocks } from './block.ts';
import { contextLength } from './context.ts';
import { readEmbedding } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { Origin } from './origin.ts';
import { residualChains } from './residual.ts';
import type { ResidualChain } from './residual.ts';
import { inputRoles } from './roles.ts';
import type { Anatomy, Block, Tower } from './types.ts';
import { readUnembed } from './unembed.ts';
import { flowsFrom } from './walk.ts';

export function readAnatomy(model: OnnxModel, types: TypeTable): Anatomy {
  const { graph } = model;
  const origin = new Origin(graph);
  const { anchors, problems } = findAnchors(graph, origin);
  const refused: Refusal[] = problems.map((problem) => ({ what: `The attention around node "${problem.softmax.name || problem.softmax.index}"`, reason: problem.reason }));
  const chains = [...residualChains(graph, origin)].sort((a, b) => b.length - a.length);
  const [chain, ...others] = chains;
  const first = chain?.[0];
  if (!chain || !first) {
    refused.push(noStream(anchors));
    return { towers: [], roles: inputRoles(graph, types, undefined, anchors.flatMap((anchor) => anchor.softmax.inputs[0] ?? [])), refused };
  }

  const flow = flowsFrom(graph, [first.stream]);
  const carries = (value: { readonly id: number }): boolean => flow[value.id] === 1;
  const read = readBlocks(chain, anchors, types, origin, carries);
  refused.push(...read.refused, ...leftOver(anchors, read.used, others));
  const embedding = readEmbedding(first.stream, graph.inputs, types, origin);
  const vocab = embedding.tokens?.rows ?? null;
  const unembed = readUnembed(graph, carries, vocab, types, origin);
  const scores = read.blocks.flatMap((block) => block.attention?.scores.value ?? []);
  const roles = inputRoles(graph, types, embedding, scores);
  const causal = read.blocks.some((block) => block.attention?.causal);
  const tower: Tower = {
    name: '',
    kind: causal ? 'decoder' : [...roles.values()].includes('pixels') ? 'vision' : 'encoder',
    blocks: read.blocks,
    norm: commonest(read.blocks.map((block) => block.norm)),
    positions: positionKind(read.blocks, embedding),
    causal,
    context: contextLength(embedding, read.blocks, types, origin),
    dModel: asNumber(types.of(first.stream).shape?.at(-1)) ?? embedding.tokens?.width ?? null,
    vocab: unembed?.vocab ?? vocab,
    embed: embedding.tokens ? { value: embedding.tokens.output, layout: [['batch'], ['pos'], ['dModel']] } : null,
    posEmbed: positionPlace(embedding, types),
    finalNorm: unembed?.normalized ?? null,
    logits: unembed?.logits ?? null,
  };
  return { towers: [tower], roles, refused };
}

/** Position embeddings as a tensor, where they have the stream's three axes. */
function positionPlace(embedding: Embedding, types: TypeTable): Tower['posEmbed'] {
  const value = embedding.positions?.value;
  return value && types.of(value).shape?.length === 3 ? { value, layout: [['batch'], ['pos'], ['dModel']] } : null;
}

function positionKind(blocks: readonly Block[], embedding: Embedding): PositionKind {
  if (blocks.some((block) => block.attention?.rotary)) return 'rotary';
  return embedding.positions ? 'learned' : 'none';
}

function commonest(places: readonly NormPlace[]): NormPlace {
  const counts = new Map<NormPlace, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'none';
}

function noStream(anchors: readonly AttentionAnchor[]): Refusal {
  return anchors.length === 0
    ? { what: 'Layers, heads and neurons', reason: 'No attention and no residual stream were found in the graph; its inputs, outputs and nodes are listed all the same' }
    : { what: `${anchors.length} attention layers`, reason: 'Their outputs never meet a residual sum, so there is no stream to cut the model at' };
}

function leftOver(anchors: readonly AttentionAnchor[], used: ReadonlySet<AttentionAnchor>, chains: readonly ResidualChain[]): readonly Refusal[] {
  const unused = anchors.filter((anchor) => !used.has(anchor));
  const refusals: Refusal[] = unused.map((anchor) => ({
    what: `The attention around node "${anchor.softmax.name || anchor.softmax.index}"`,
    reason: 'Its output does not reach a sum of the residual stream through a projection',
  }));
  if (chains.length > 0) {
    const sums = chains.reduce((count, chain) => count + chain.length, 0);
    refusals.push({ what: `${sums} residual sums outside the main stream`, reason: 'Cogscope reads one stream so far; a second tower or a side branch is left out' });
  }
  return refusals;
}
