/**
 * What the exporter noted at each node (metadata_props): its Python lines, its module scopes. That is most of a node's bytes, so it
 * stays in the file until somebody asks.
 */
import type { ByteSource } from './modelFile.ts';
import type { NodeProto } from './proto/onnx_pb.js';
import { RECORD_KEY } from './skeleton.ts';
import type { RecordPlace } from './skeleton.ts';
import { BYTES, WireReader } from './wire.ts';

/** Nodes stand one behind the other, and are asked for mostly in that order. */
const WINDOW = 1 << 16;
const KEY_TAG = 8 + BYTES;
const VALUE_TAG = 16 + BYTES;

export class NodeRecords {
  private readonly source: ByteSource;
  private readonly places: readonly RecordPlace[];
  private window: Buffer = Buffer.alloc(0);
  private reader = readerOf(this.window);
  private from = 0;
  private readonly openings = new Map<string, Buffer>();

  constructor(source: ByteSource, places: readonly RecordPlace[]) {
    this.source = source;
    this.places = places;
  }

  /** A node's entry for `key`; '' where it has none. Throws 'unreadable' where the record is damaged, 'cancelled' once the model is closed. */
  value(node: NodeProto, key: string): string {
    const mark = node.metadataProps.find((entry) => entry.key === RECORD_KEY);
    const place = mark && this.places[Number(mark.value)];
    if (!place) return node.metadataProps.find((entry) => entry.key === key)?.value ?? '';
    const opening = this.openings.get(key) ?? openingOf(key);
    this.openings.set(key, opening);
    this.hold(place);
    const at = this.window.subarray(place.start - this.from, place.end - this.from).indexOf(opening);
    if (at < 0) return '';
    const field = this.reader.field(place.start - this.from + at + opening.length - 1, place.end - this.from);
    return this.window.toString('utf8', field.payload, field.end);
  }

  private hold({ start, end }: RecordPlace): void {
    if (start >= this.from && end <= this.from + this.window.length) return;
    this.window = Buffer.from(this.source.read(start, Math.min(Math.max(end - start, WINDOW), this.source.size - start)).buffer);
    this.reader = readerOf(this.window);
    this.from = start;
  }
}

/** How an entry for a key begins, as every writer writes it: tag, length, key, and the value's tag. A key is shorter than 128 bytes. */
const openingOf = (key: string): Buffer => Buffer.from([KEY_TAG, Buffer.byteLength(key), ...Buffer.from(key), VALUE_TAG]);

const readerOf = (bytes: Buffer): WireReader => new WireReader({ size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) });
