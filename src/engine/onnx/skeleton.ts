/**
 * The skeleton of a model file: everything but the weights.
 *
 * Walks the protobuf messages on the wire and copies them, except for the payloads of tensors above a threshold, which are
 * stepped over and noted. What is left is kilobytes to a few megabytes and is decoded by a library.
 */
import { CogscopeError } from '../../shared/errors.ts';
import type { FieldSegment } from './graph.ts';
import type { ByteSource } from './modelFile.ts';
import { BYTES, WireReader } from './wire.ts';
import type { Field } from './wire.ts';

/** Tensor payloads up to this many bytes stay in the skeleton: shapes, scalars, small biases. */
export const INLINE_BYTES = 1024;

/** A tensor payload that was left out. */
export interface Payload {
  /** Field number in TensorProto: 9 raw_data, 4 float_data, 5 int32_data … */
  readonly field: number;
  readonly segments: readonly FieldSegment[];
}

export interface Skeleton {
  /** A ModelProto without the large payloads; each tensor that lost one carries its number (see {@link PAYLOAD_KEY}). */
  readonly bytes: Uint8Array;
  readonly payloads: readonly Payload[];
}

/** Key in a tensor's external_data that holds the index into {@link Skeleton.payloads}. */
export const PAYLOAD_KEY = 'cogscope.payload';

type MessageName = 'model' | 'graph' | 'node' | 'attribute' | 'tensor' | 'sparse' | 'function' | 'training';

/** Fields that lead to tensors; all others are copied as they are. */
const inside: Readonly<Record<MessageName, Readonly<Record<number, MessageName>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  tensor: {},
  sparse: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node', 11: 'attribute' },
  training: { 1: 'graph', 2: 'graph' },
};

/** float, int32, string, int64, raw, double, uint64. */
const payloadFields: ReadonlySet<number> = new Set([4, 5, 6, 7, 9, 10, 11]);
const EXTERNAL_DATA = 13;
const MAX_DEPTH = 64;

/** Throws 'unreadable' where the source is no protobuf message, or one that is cut short or damaged. */
export function readSkeleton(source: ByteSource): Skeleton {
  const reader = new WireReader(source);
  const payloads: Payload[] = [];
  const chunks = copyMessage(reader, 'model', 0, source.size, payloads, 0) ?? [source.read(0, source.size)];
  return { bytes: concat(chunks), payloads };
}

/** The message without its large payloads; undefined where it has none, so that the parent copies it along with what stands around it. */
function copyMessage(reader: WireReader, name: MessageName, start: number, end: number, payloads: Payload[], depth: number): readonly Uint8Array[] | undefined {
  if (depth > MAX_DEPTH) throw new CogscopeError('unreadable', `The file nests graphs more than ${MAX_DEPTH} deep`, 'Export it again without that nesting');
  if (name === 'tensor') return copyTensor(reader, start, end, payloads);
  const chunks: Uint8Array[] = [];
  let plainFrom = start;
  for (let position = start; position < end;) {
    const field = reader.field(position, end);
    const inner = field.wire === BYTES ? inside[name][field.field] : undefined;
    const content = inner && copyMessage(reader, inner, field.payload, field.end, payloads, depth + 1);
    if (content) {
      if (plainFrom < field.start) chunks.push(reader.bytes(plainFrom, field.start));
      chunks.push(header(field.field, content.reduce((sum, chunk) => sum + chunk.length, 0)), ...content);
      plainFrom = field.end;
    }
    position = field.end;
  }
  if (chunks.length === 0) return undefined;
  if (plainFrom < end) chunks.push(reader.bytes(plainFrom, end));
  return chunks;
}

function copyTensor(reader: WireReader, start: number, end: number, payloads: Payload[]): readonly Uint8Array[] | undefined {
  const totals = new Map<number, number>();
  const fields: Field[] = [];
  for (let position = start; position < end;) {
    const field = reader.field(position, end);
    fields.push(field);
    if (payloadFields.has(field.field)) totals.set(field.field, (totals.get(field.field) ?? 0) + field.end - field.payload);
    position = field.end;
  }
  const isLarge = (field: Field): boolean => (totals.get(field.field) ?? 0) > INLINE_BYTES;
  if (!fields.some(isLarge)) return undefined;
  const chunks: Uint8Array[] = [];
  const left = new Map<number, Field[]>();
  for (const field of fields) {
    if (isLarge(field)) left.set(field.field, [...(left.get(field.field) ?? []), field]);
    else chunks.push(reader.bytes(field.start, field.end));
  }
  for (const [number, parts] of left) {
    chunks.push(payloadMark(payloads.length));
    payloads.push({ field: number, segments: parts.map((part) => ({ offset: part.payload, length: part.end - part.payload, packed: part.wire === BYTES })) });
  }
  return chunks;
}

/** external_data { key: PAYLOAD_KEY, value: index } */
function payloadMark(index: number): Uint8Array {
  const text = new TextEncoder();
  const key = text.encode(PAYLOAD_KEY);
  const value = text.encode(String(index));
  const entry = concat([header(1, key.length), key, header(2, value.length), value]);
  return concat([header(EXTERNAL_DATA, entry.length), entry]);
}

function header(field: number, length: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8 + BYTES), ...varint(length)]);
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}

