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

export const totalLength = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(totalLength(chunks));
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}
