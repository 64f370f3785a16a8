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
import { bytesField, concat, header, totalLength } from './wireBytes.ts';

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

/** float, int32, int64, raw, double, uint64. Strings are no weights and stay. */
const payloadFields: ReadonlySet<number> = new Set([4, 5, 7, 9, 10, 11]);
const EXTERNAL_DATA = 13;
const MAX_DEPTH = 64;
/** A graph of 100,000 nodes with the exporter's record takes 140 MB; what is larger is no graph. */
const MAX_SKELETON_BYTES = 1 << 29;

/** Throws 'unreadable' where the source is no protobuf message, or one that is cut short or damaged. */
export function readSkeleton(source: ByteSource): Skeleton {
  const copier = new Copier(source);
  const chunks = copier.message('model', 0, source.size, 0) ?? [copier.take(0, source.size)];
  return { bytes: concat(chunks), payloads: copier.payloads };
}

class Copier {
  readonly payloads: Payload[] = [];
  private readonly reader: WireReader;
  private taken = 0;

  constructor(source: ByteSource) {
    this.reader = new WireReader(source);
  }

  take(start: number, end: number): Uint8Array {
    this.taken += end - start;
    if (this.taken > MAX_SKELETON_BYTES) throw new CogscopeError('unreadable', 'The file holds more than 512 MB besides its weights', 'Check that it is an ONNX model');
    return this.reader.bytes(start, end);
  }

  /** The message without its large payloads; undefined where it has none, so that the parent copies it along with what stands around it. */
  message(name: MessageName, start: number, end: number, depth: number): readonly Uint8Array[] | undefined {
    if (depth > MAX_DEPTH) throw new CogscopeError('unreadable', `The file nests graphs more than ${MAX_DEPTH} deep`, 'Export it again without that nesting');
    if (name === 'tensor') return this.tensor(start, end);
    const chunks: Uint8Array[] = [];
    let plainFrom = start;
    for (let position = start; position < end;) {
      const field = this.reader.field(position, end);
      const inner = field.wire === BYTES ? inside[name][field.field] : undefined;
      const content = inner && this.message(inner, field.payload, field.end, depth + 1);
      if (content) {
        if (plainFrom < field.start) chunks.push(this.take(plainFrom, field.start));
        chunks.push(header(field.field, totalLength(content)));
        for (const chunk of content) chunks.push(chunk);
        plainFrom = field.end;
      }
      position = field.end;
    }
    if (chunks.length === 0) return undefined;
    if (plainFrom < end) chunks.push(this.take(plainFrom, end));
    return chunks;
  }

  private tensor(start: number, end: number): readonly Uint8Array[] | undefined {
    const totals = new Map<number, number>();
    const fields: Field[] = [];
    for (let position = start; position < end;) {
      const field = this.reader.field(position, end);
      fields.push(field);
      if (payloadFields.has(field.field)) totals.set(field.field, (totals.get(field.field) ?? 0) + field.end - field.payload);
      position = field.end;
    }
    const isLarge = (field: Field): boolean => (totals.get(field.field) ?? 0) > INLINE_BYTES;
    if (!fields.some(isLarge)) return undefined;
    const chunks: Uint8Array[] = [];
    // A typed field that is not packed has a segment an element, perhaps millions.
    const left = new Map<number, FieldSegment[]>();
    for (const field of fields) {
      if (!isLarge(field)) {
        chunks.push(this.take(field.start, field.end));
        continue;
      }
      const segments = left.get(field.field) ?? [];
      segments.push({ offset: field.payload, length: field.end - field.payload, packed: field.wire === BYTES });
      left.set(field.field, segments);
    }
    for (const [number, segments] of left) {
      chunks.push(payloadMark(this.payloads.length));
      this.payloads.push({ field: number, segments });
    }
    return chunks;
  }
}

/** external_data { key: PAYLOAD_KEY, value: index } */
function payloadMark(index: number): Uint8Array {
  return bytesField(EXTERNAL_DATA, concat([bytesField(1, PAYLOAD_KEY), bytesField(2, String(index))]));
}
