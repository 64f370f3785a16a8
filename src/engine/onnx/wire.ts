/** Protobuf's wire format: just enough to walk messages and step over payloads. */
import { CogscopeError } from '../../shared/errors.ts';
import type { ByteSource } from './modelFile.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

export interface Field {
  readonly field: number;
  readonly wire: number;
  /** Where the tag begins. */
  readonly start: number;
  /** Where the payload begins, behind tag and length. */
  readonly payload: number;
  /** Where the field ends. */
  readonly end: number;
  /** The value of a varint field. */
  readonly value: number;
}

/** Small, so that little of a payload is read along with the tag before it. */
const WINDOW = 1 << 12;

/** Reads tags and lengths through a window, so that stepping over a gigabyte costs one small read. */
export class WireReader {
  readonly source: ByteSource;
  private window: Uint8Array = new Uint8Array(0);
  private from = 0;
  /** Behind the varint that was read last: a result of its own would be an object a byte. */
  private next = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** The field at `position` of a message that ends at `limit`. Throws 'unreadable' where there is none. */
  field(position: number, limit: number): Field {
    const tag = this.varint(position, limit);
    const payload = this.next;
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (field === 0 || field > 0x1fffffff) throw corrupt(position);
    switch (wire) {
      case VARINT: {
        const value = this.varint(payload, limit, true);
        return { field, wire, start: position, payload, end: this.next, value };
      }
      case FIXED64: return this.sized(field, wire, position, payload, 8, limit);
      case FIXED32: return this.sized(field, wire, position, payload, 4, limit);
      case BYTES: {
        const length = this.varint(payload, limit);
        return this.sized(field, wire, position, this.next, length, limit);
      }
      default: throw corrupt(position);
    }
  }

  /** Bytes of a small stretch, to be read and not to be kept. */
  bytes(start: number, end: number): Uint8Array {
    const length = end - start;
    if (start >= this.from && end <= this.from + this.window.length) return this.window.subarray(start - this.from, end - this.from);
    return this.source.read(start, length);
  }

  private sized(field: number, wire: number, start: number, payload: number, length: number, limit: number): Field {
    if (payload + length > limit) throw corrupt(start, `a field of ${length} bytes runs past the end`);
    return { field, wire, start, payload, end: payload + length, value: 0 };
  }

  /** A varint, which ends at `next`; lengths and tags must stay below 2^53, values may have all 64 bits. */
  private varint(position: number, limit: number, isValue = false): number {
    // Most tags and lengths are one byte.
    const first = position < limit ? this.byte(position) : 0x80;
    if (first < 0x80) {
      this.next = position + 1;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (position >= limit) throw corrupt(position);
      const byte = this.byte(position++);
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) {
        if (!isValue && value > Number.MAX_SAFE_INTEGER) throw corrupt(position, 'a length is above 2^53');
        this.next = position;
        return value;
      }
    }
    throw corrupt(position);
  }

  private byte(position: number): number {
    const at = position - this.from;
    if (at < 0 || at >= this.window.length) {
      this.from = position;
      this.window = this.source.read(position, Math.min(WINDOW, this.source.size - position));
      return this.window[0] ?? 0;
    }
    return this.window[at] ?? 0;
  }
}

function corrupt(position: number, why = 'it is cut short or damaged'): CogscopeError {
  return new CogscopeError('unreadable', `The file does not read as ONNX: at byte ${position} ${why}`, 'Export or copy it again');
}
