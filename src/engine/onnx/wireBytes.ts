/** Writing a few bytes of protobuf's wire format: what goes between stretches that are copied. */
import { BYTES } from './wire.ts';

const encoder = new TextEncoder();

/** Tag and length of a length-delimited field. */
export function header(field: number, length: number): Uint8Array {
  const bytes: number[] = [];
  varint(field * 8 + BYTES, bytes);
  varint(length, bytes);
  return Uint8Array.from(bytes);
}

/** A field with a text or bytes. */
export function bytesField(field: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  return concat([header(field, bytes.length), bytes]);
}

function varint(value: number, into: number[]): void {
  for (; value >= 128; value = Math.floor(value / 128)) into.push((value % 128) + 128);
  into.push(value);
}

const totalLength = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(totalLength(chunks));
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}

/** A length in as many bytes as the longest skeleton's takes: protobuf lets a number be written longer than it need be. */
const LENGTH_BYTES = 5;

/** Messages written from front to back into one buffer, which grows. */
export class Output {
  length = 0;
  private buffer = new Uint8Array(1 << 16);

  get bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  write(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Begins a length-delimited field whose length is told later, and says where it stands. */
  openField(field: number): number {
    const tag: number[] = [];
    varint(field * 8 + BYTES, tag);
    this.reserve(tag.length + LENGTH_BYTES);
    for (const byte of tag) this.buffer[this.length++] = byte;
    this.length += LENGTH_BYTES;
    return this.length - LENGTH_BYTES;
  }

  /** Ends a field: all that was written behind its length is its content. */
  closeField(lengthAt: number): void {
    let left = this.length - lengthAt - LENGTH_BYTES;
    for (let index = 0; index < LENGTH_BYTES; index++) {
      const isLast = index === LENGTH_BYTES - 1;
      this.buffer[lengthAt + index] = (left % 128) + (isLast ? 0 : 128);
      left = Math.floor(left / 128);
    }
  }

  private reserve(length: number): void {
    if (this.length + length <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + length));
    larger.set(this.buffer);
    this.buffer = larger;
  }
}
