/** Elements of small integer tensors. */
import { INT32, INT64 } from '../elementType.ts';
import { number } from './dim.ts';
import { MAX_CONTENT } from './infer.ts';
import type { Shape } from './infer.ts';

/** The elements of a small int32 or int64 tensor from its little-endian bytes; undefined for others. */
export function integersOf(bytes: Uint8Array, dataType: number): Shape | undefined {
  const width = dataType === INT64 ? 8 : dataType === INT32 ? 4 : 0;
  if (width === 0 || bytes.length / width > MAX_CONTENT) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, index) =>
    number(width === 8 ? Number(view.getBigInt64(index * 8, true)) : view.getInt32(index * 4, true)));
}
