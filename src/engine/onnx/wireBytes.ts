/** Writing a few bytes of protobuf's wire format: what goes between stretches that are copied. */
import { BYTES } from './wire.ts';

/** Tag and length of a length-delimited field. */
export function header(field: number, length: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8 + BYTES), ...varint(length)]);
}

/** A field with a text or bytes. */
export function bytesField(field: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return concat([header(field, bytes.length), bytes]);
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
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
