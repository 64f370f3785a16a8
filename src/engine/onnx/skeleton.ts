/**
 * The skeleton of a model file: everything but the weights and the exporter's record.
 *
 * Walks the protobuf messages on the wire and copies them, except for the payloads of tensors above a threshold and the metadata of
 * nodes, which are stepped over and noted. What is left is kilobytes, seldom a megabyte, and is decoded by a library.
 */
import { CogscopeError } from '../../shared/errors.ts';
import type { FieldSegment } from './graph.ts';
import type { ByteSource } from './modelFile.ts';
import { BYTES, WireReader } from './wire.ts';
import type { Field } from './wire.ts';
import { bytesField, concat, header, Output } from './wireBytes.ts';

/** Tensor payloads up to this many bytes stay in the skeleton: shapes, scalars, small biases. */
export const INLINE_BYTES = 1024;

/** A tensor payload that was left out. */
export interface Payload {
  /** Field number in TensorProto: 9 raw_data, 4 float_data, 5 int32_data … */
  readonly field: number;
  readonly segments: readonly FieldSegment[];
}

/** Where the metadata of a node lies in the file: its metadata_props fields, one behind the other. */
export interface RecordPlace {
  readonly start: number;
  readonly end: number;
}

export interface Skeleton {
  /**
   * A ModelProto without the large payloads and the nodes' metadata; each tensor that lost one carries its number (see
   * {@link PAYLOAD_KEY}), and so does each node (see {@link RECORD_KEY}).
   */
  readonly bytes: Uint8Array;
  readonly payloads: readonly Payload[];
  readonly records: readonly RecordPlace[];
}

/** Key in a tensor's external_data that holds the index into {@link Skeleton.payloads}. */
export const PAYLOAD_KEY = 'cogscope.payload';

/** Key in a node's metadata_props that holds the index into {@link Skeleton.records}. */
export const RECORD_KEY = 'cogscope.record';

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
const METADATA = 9;
const MAX_DEPTH = 64;
/** A graph of 100,000 nodes with the exporter's record takes 140 MB; what is larger is no graph. */
const MAX_SKELETON_BYTES = 1 << 29;

/** Throws 'unreadable' where the source is no protobuf message, or one that is cut short or damaged. */
export function readSkeleton(source: ByteSource): Skeleton {
  const copier = new Copier(source);
  copier.message('model', { field: 0, start: 0, payload: 0, end: source.size }, 0);
  copier.copyTo(source.size);
  return { bytes: copier.bytes, payloads: copier.payloads, records: copier.records };
}

/** A message that the walk is in. */
type Place = Pick<Field, 'field' | 'start' | 'payload' | 'end'>;

/** Copies the source from front to back but for what is left out; only messages that lose something are written anew. */
class Copier {
  readonly payloads: Payload[] = [];
  readonly records: RecordPlace[] = [];
  private readonly reader: WireReader;
  private readonly out = new Output();
  /** All before this is copied or left out. */
  private copied = 0;
  /** The messages around the place of the walk, the model's own left out, and where the length of each stands in the output: undefined until it loses something. */
  private readonly around: { readonly place: Place; lengthAt: number | undefined }[] = [];

  constructor(source: ByteSource) {
    this.reader = new WireReader(source);
  }

  get bytes(): Uint8Array {
    return this.out.bytes;
  }

  message(name: MessageName, place: Place, depth: number): void {
    if (depth > MAX_DEPTH) throw new CogscopeError('unreadable', `The file nests graphs more than ${MAX_DEPTH} deep`, 'Export it again without that nesting');
    // Nothing in it can be large. Nodes and what holds them are walked for their records, and the whole to find damage.
    if (place.end - place.payload <= INLINE_BYTES && (name === 'attribute' || name === 'tensor' || name === 'sparse')) return;
    if (depth > 0) this.around.push({ place, lengthAt: undefined });
    if (name === 'tensor') this.tensor(place);
    else this.fields(name, place, depth);
    if (depth > 0) this.close();
  }

  /** Copies what was not yet copied or left out before `end`. */
  copyTo(end: number): void {
    if (end > this.copied) {
      if (this.out.length + end - this.copied > MAX_SKELETON_BYTES) throw new CogscopeError('unreadable', 'The file holds more than 512 MB besides its weights', 'Check that it is an ONNX model');
      this.out.write(this.reader.bytes(this.copied, end));
    }
    this.copied = end;
  }

  private fields(name: MessageName, place: Place, depth: number): void {
    let record: RecordPlace | undefined;
    for (let position = place.payload; position < place.end;) {
      const field = this.reader.field(position, place.end);
      const inner = field.wire === BYTES ? inside[name][field.field] : undefined;
      if (inner) this.message(inner, field, depth + 1);
      // Every writer puts a node's metadata last and together; what another one strews about stays where it is.
      if (name === 'node') record = field.field === METADATA ? { start: record?.start ?? field.start, end: field.end } : undefined;
      position = field.end;
    }
    if (!record) return;
    this.leaveOut(record.start, record.end);
    this.out.write(recordMark(this.records.length));
    this.records.push(record);
  }

  private tensor(place: Place): void {
    const totals = new Map<number, number>();
    const fields: Field[] = [];
    for (let position = place.payload; position < place.end;) {
      const field = this.reader.field(position, place.end);
      fields.push(field);
      if (payloadFields.has(field.field)) totals.set(field.field, (totals.get(field.field) ?? 0) + field.end - field.payload);
      position = field.end;
    }
    // A typed field that is not packed has a segment an element, perhaps millions.
    const left = new Map<number, FieldSegment[]>();
    for (const field of fields) {
      if ((totals.get(field.field) ?? 0) <= INLINE_BYTES) continue;
      this.leaveOut(field.start, field.end);
      const segments = left.get(field.field) ?? [];
      segments.push({ offset: field.payload, length: field.end - field.payload, packed: field.wire === BYTES });
      left.set(field.field, segments);
    }
    if (left.size > 0) this.copyTo(place.end);
    for (const [number, segments] of left) {
      this.out.write(payloadMark(this.payloads.length));
      this.payloads.push({ field: number, segments });
    }
  }

  private leaveOut(start: number, end: number): void {
    for (const open of this.around) {
      if (open.lengthAt !== undefined) continue;
      this.copyTo(open.place.start);
      open.lengthAt = this.out.openField(open.place.field);
      this.copied = open.place.payload;
    }
    this.copyTo(start);
    this.copied = end;
  }

  /** Ends the innermost message. */
  private close(): void {
    const closed = this.around.pop();
    if (closed?.lengthAt === undefined) return;
    this.copyTo(closed.place.end);
    this.out.closeField(closed.lengthAt);
  }
}

/** Makes fields with a StringStringEntryProto { key, value: index }: one for every node, so what does not change is made once. */
function marks(field: number, key: string): (index: number) => Uint8Array {
  const keyField = bytesField(1, key);
  const openingFor = (digits: string): Uint8Array => concat([header(field, keyField.length + 2 + digits.length), keyField, header(2, digits.length)]);
  const openings = new Map<number, Uint8Array>();
  return (index) => {
    const digits = String(index);
    const opening = openings.get(digits.length) ?? openingFor(digits);
    openings.set(digits.length, opening);
    const bytes = new Uint8Array(opening.length + digits.length);
    bytes.set(opening);
    for (let at = 0; at < digits.length; at++) bytes[opening.length + at] = digits.charCodeAt(at);
    return bytes;
  };
}

const payloadMark = marks(EXTERNAL_DATA, PAYLOAD_KEY);
const recordMark = marks(METADATA, RECORD_KEY);
