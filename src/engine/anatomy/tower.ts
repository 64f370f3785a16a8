/** One tower: a stream with its blocks, what it starts from, where it ends, and which other tower it reads. */
import type { InputRole, NormPlace, PositionKind, Refusal, TowerKind } from '../../shared/summary.ts';
import type { Graph, GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { readBlocks, readPool } from './block.ts';
import type { AttentionFound } from './branch.ts';
import { contextLength } from './context.ts';
import { readEmbedding } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { isNorm } from './norm.ts';
import type { Origin } from './origin.ts';
import { streamPlace } from './place.ts';
import { flowsInto } from './streams.ts';
import type { Stream } from './streams.ts';
import type { Block, Reading, Tower } from './types.ts';
import { readUnembed } from './unembed.ts';
import type { Unembed } from './unembed.ts';
import { nodesBetween } from './walk.ts';

export interface StreamRead {
  readonly stream: Stream;
  readonly blocks: readonly Block[];
  readonly embedding: Embedding;
  readonly unembed: Unembed | undefined;
  readonly causal: boolean;
  readonly refused: readonly Refusal[];
  /** Softmaxes of the attention that belongs to some branch, read or not. */
  readonly used: ReadonlySet<GraphNode>;
}

export function readStream(stream: Stream, graph: Graph, found: AttentionFound, reading: Omit<Reading, 'carries'>): StreamRead {
  const { types, origin } = reading;
  const [sum] = stream.chain;
  if (stream.pooling && sum) return { stream, embedding: nothingEmbedded, unembed: undefined, ...readPool(stream.pooling, sum, { ...reading, carries: stream.carries }) };
  const { blocks, refused, used, causal } = readBlocks(stream.chain, found, { ...reading, carries: stream.carries });
  const embedding = readEmbedding(stream.first, graph, types, origin);
  const unembed = readUnembed(graph, lastState(blocks, stream), embedding.tokens?.rows ?? null, types, origin);
  const unread = typeof unembed === 'string';
  return {
    stream, blocks, embedding, used, causal,
    unembed: unread ? undefined : unembed,
    refused: [...refused, ...(unread ? [{ what: 'Predictions', reason: unembed }] : [])],
  };
}

const nothingEmbedded: Embedding = { tokens: undefined, positions: undefined, types: undefined, others: [] };

const lastState = (blocks: readonly Block[], { first }: Stream): Value => blocks.at(-1)?.residPost.value ?? first;

export function makeTowers(reads: readonly StreamRead[], roles: ReadonlyMap<Value, InputRole>, graph: Graph, { types, origin, firstInteger }: Omit<Reading, 'carries'>): { readonly towers: readonly Tower[]; readonly refused: readonly Refusal[] } {
  const pixels = graph.inputs.filter((input) => roles.get(input) === 'pixels');
  const kinds = reads.map(({ causal, stream }): TowerKind => (stream.pooling ? 'pool' : causal ? 'decoder' : pixels.some((input) => flowsInto(input, stream.first)) ? 'vision' : 'encoder'));
  const names = towerNames(reads, kinds);
  const towers = new Map<StreamRead, Tower>();
  const refused: Refusal[] = [];
  for (const [index, read] of reads.entries()) {
    const { stream, blocks, embedding, unembed, causal, refused: unread } = read;
    const name = names[index] ?? '';
    if (names.indexOf(name) < index) {
      refused.push({ what: `Another tower of ${blocks.length} layers`, reason: 'It does not differ from one that is shown in what it reads, so its addresses would be the same' });
      continue;
    }
    refused.push(...unread.map(({ what, reason }) => ({ what: name === '' ? what : `${what} (${name}.)`, reason })));
    const readers = reads.slice(index + 1).filter((other) => attended(other, reads) === read);
    towers.set(read, {
      name, kind: kinds[index] ?? 'encoder', blocks, convolutions: [], causal,
      norm: commonest(blocks.map((block) => block.norm)),
      positions: positionKind(blocks, embedding, graph, kinds[index] === 'vision'),
      context: contextLength(embedding, blocks, origin, { types, roles, firstInteger }),
      dModel: asNumber(types.of(stream.first).shape?.at(-1)) ?? embedding.tokens?.width ?? null,
      vocab: unembed?.vocab ?? embedding.tokens?.rows ?? null,
      embed: embedding.tokens ? { value: embedding.tokens.output, layout: [['batch'], ['pos'], ['dModel']] } : null,
      posEmbed: positionPlace(embedding, types, origin),
      finalNorm: unembed?.normalized ?? normRead(readers, lastState(blocks, stream), types),
      logits: unembed?.logits ?? null,
      ids: graph.inputs.find((input) => roles.get(input) === 'ids' && embedding.tokens && flowsInto(input, embedding.tokens.indices)) ?? null,
      attendsTo: towerOrInput(read, reads, towers),
    });
  }
  return { towers: [...towers.values()], refused };
}

/** The first source of a stream's attention to another; all layers read the same in the models that there are. */
const sourceOf = ({ blocks }: StreamRead): Value | undefined => blocks.flatMap((block) => block.cross?.source ?? [])[0];

/** The stream that another one attends to. */
function attended(read: StreamRead, reads: readonly StreamRead[]): StreamRead | undefined {
  const source = sourceOf(read);
  return source && reads.find((other) => other !== read && isHandedOn(lastState(other.blocks, other.stream), source));
}

function towerOrInput(read: StreamRead, reads: readonly StreamRead[], towers: ReadonlyMap<StreamRead, Tower>): Tower['attendsTo'] {
  const source = sourceOf(read);
  const other = attended(read, reads);
  return (other && towers.get(other)) ?? (source && source.inputIndex >= 0 ? source : null);
}

/** Operators that keep every position apart: norms, written out or not, and projections. */
const byPosition: ReadonlySet<string> = new Set([
  'LayerNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization', 'ReduceMean', 'Sub', 'Pow', 'Add', 'Sqrt', 'Div', 'Mul', 'Reciprocal',
  'Cast', 'Identity', 'Dropout', 'MatMul', 'Gemm',
]);

/** Whether `value` is a state, perhaps behind a norm or a projection: its positions are then the state's. */
const isHandedOn = (state: Value, value: Value): boolean => state === value || (flowsInto(state, value) && nodesBetween(state, value).every((node) => byPosition.has(node.op)));

/** The norm of a tower's last state that another tower attends to. */
function normRead(readers: readonly StreamRead[], last: Value, types: TypeTable): Tower['finalNorm'] {
  const source = readers.flatMap((reader) => sourceOf(reader) ?? [])[0];
  return source && source !== last && isNorm(last, source) && nodesBetween(last, source).every((node) => node.op !== 'MatMul' && node.op !== 'Gemm') ? streamPlace(source, types) : null;
}

/** An encoder and the decoder that takes up its states, whether or not how it does so is read; else by what they start from. What pools another tower does not change that one's name. */
function towerNames(reads: readonly StreamRead[], kinds: readonly Tower['kind'][]): readonly string[] {
  const towers = reads.filter(({ stream }) => !stream.pooling);
  const takesUp = (read: StreamRead, other: StreamRead): boolean => other !== read && other.stream.carries(lastState(read.blocks, read.stream));
  return reads.map((read, index) => {
    if (read.stream.pooling) return 'pool';
    if (towers.length === 1) return '';
    if (towers.some((other) => takesUp(read, other))) return 'dec';
    if (towers.some((other) => takesUp(other, read))) return 'enc';
    return kinds[index] === 'vision' ? 'vision' : 'text';
  });
}

/** Position embeddings as a tensor, where they have the stream's three axes. */
function positionPlace(embedding: Embedding, types: TypeTable, origin: Origin): Tower['posEmbed'] {
  const value = embedding.positions?.value;
  return value && !origin.isConstant(value) && types.of(value).shape?.length === 3 ? { value, layout: [['batch'], ['pos'], ['dModel']] } : null;
}

/** Operators of rotary positions, where the attention that they turn is not read. */
const turning: ReadonlySet<string> = new Set(['RotaryEmbedding', 'Sin', 'Cos', 'GroupQueryAttention']);

function positionKind(blocks: readonly Block[], embedding: Embedding, graph: Graph, isVision: boolean): PositionKind {
  if (blocks.some((block) => block.attention?.rotary)) return 'rotary';
  const bias = blocks.map((block) => block.attention?.bias).find((found) => found !== null && found !== undefined);
  // A slope by distance has one direction, and an image has two: its biases are looked up, though the file may hold what was found.
  if (bias) return isVision ? 'relative' : bias;
  if (embedding.positions) return 'learned';
  return blocks.every((block) => !block.attention) && graph.nodes.some((node) => turning.has(node.op)) ? 'rotary' : 'none';
}

function commonest(places: readonly NormPlace[]): NormPlace {
  const counts = new Map<NormPlace, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'none';
}
