/** The anatomy in words and figures, as views and the command line tell it. */
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import type { InputRole, LayerSummary, SourceLine, TowerSummary } from '../../shared/summary.ts';
import type { SourceReader } from './source.ts';
import type { Block, Tower } from './types.ts';
import { nodesBetween } from './walk.ts';

export function towerSummary(tower: Tower, source: SourceReader): TowerSummary {
  const attention = tower.blocks.map((block) => block.attention ?? block.cross).find((found) => found !== null);
  const mlp = tower.blocks.map((block) => block.mlp).find((found) => found !== null);
  return {
    name: tower.name,
    kind: tower.kind,
    layers: tower.kind === 'cnn' ? tower.convolutions.length : tower.blocks.length,
    heads: attention?.heads ?? null,
    kvHeads: attention?.kvHeads ?? null,
    dHead: attention?.dHead ?? null,
    dModel: tower.dModel,
    dMlp: mlp?.neurons ?? null,
    vocab: tower.vocab,
    context: tower.context,
    norm: tower.norm,
    positions: tower.positions,
    causal: tower.causal,
    attendsTo: tower.attendsTo?.name ?? null,
    hasLogits: tower.logits !== null,
    takesIds: tower.ids !== null,
    blocks: tower.blocks.map((block) => layerSummary(block, source)),
    convolutions: tower.convolutions.map(({ name, channels, kernel, stride, groups, node }) => ({ name, channels, kernel, stride, groups, source: source(node) })),
  };
}

function layerSummary(block: Block, source: SourceReader): LayerSummary {
  const { attention, cross, mlp } = block;
  const attentionSource = attention && lineOf(source, attention.softmax, attention.projection);
  const mlpSource = mlp && lineOf(source, mlp.post.value.producer, mlp.projection);
  return {
    index: block.index,
    attention: attention && { heads: attention.heads, kvHeads: attention.kvHeads, dHead: attention.dHead },
    cross: cross && { heads: cross.heads, kvHeads: cross.kvHeads, dHead: cross.dHead },
    mlp: mlp && { neurons: mlp.neurons, gated: mlp.gated, activation: mlp.activation },
    source: blockLines(block, source),
    attentionSource: attentionSource ?? null,
    crossSource: cross && lineOf(source, cross.softmax, cross.projection),
    mlpSource: mlpSource ?? null,
  };
}

function lineOf(source: SourceReader, ...nodes: readonly (GraphNode | undefined)[]): SourceLine | null {
  for (const node of nodes) {
    const line = node && source(node);
    if (line) return line;
  }
  return null;
}

/** The distinct lines of a block, by how many nodes each made. */
function blockLines(block: Block, source: SourceReader): readonly SourceLine[] {
  const counts = new Map<string, { readonly line: SourceLine; count: number }>();
  for (const node of nodesBetween(block.start.value, block.residPost.value)) {
    const line = source(node);
    if (!line) continue;
    const key = `${line.file}:${line.line}`;
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { line, count: 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).map((entry) => entry.line);
}

export function sourceRecord(graph: Graph, source: SourceReader): { readonly nodes: number; readonly withSource: number; readonly files: readonly string[] } {
  const files = new Set<string>();
  let withSource = 0;
  for (const node of graph.nodes) {
    const line = source(node);
    if (!line) continue;
    withSource++;
    files.add(line.file);
  }
  return { nodes: graph.nodes.length, withSource, files: [...files].sort() };
}

/** How an input of a role is filled when nobody gives it; null: it must be given. */
export const fillings: Readonly<Record<InputRole, string | null>> = {
  ids: null,
  mask: '1 for every token',
  positions: '0, 1, 2 … along the prompt',
  types: '0 for every token',
  past: 'empty',
  cache: 'no past',
  pixels: null,
  features: null,
  states: null,
  unknown: null,
};

export const roleOf = (roles: ReadonlyMap<Value, InputRole>, value: Value): InputRole => roles.get(value) ?? 'unknown';
