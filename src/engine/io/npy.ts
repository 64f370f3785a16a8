/** NumPy's .npy format: a Python dictionary as header, then the elements (numpy.lib.format). */
import { CogscopeError } from '../../shared/errors.ts';
import type { Tensor, TensorData, TensorType } from '../ort/tensor.ts';

interface Kind {
  readonly type: TensorType;
  readonly view: new (buffer: ArrayBuffer) => TensorData;
}

/** By kind and size, as the header's `descr` has them behind the byte order. */
const kinds: Readonly<Record<string, Kind>> = {
  b1: { type: 'bool', view: Uint8Array },
  i1: { type: 'int8', view: Int8Array }, i2: { type: 'int16', view: Int16Array }, i4: { type: 'int32', view: Int32Array }, i8: { type: 'int64', view: BigInt64Array },
  u1: { type: 'uint8', view: Uint8Array }, u2: { type: 'uint16', view: Uint16Array }, u4: { type: 'uint32', view: Uint32Array }, u8: { type: 'uint64', view: BigUint64Array },
  f2: { type: 'float16', view: Uint16Array }, f4: { type: 'float32', view: Float32Array }, f8: { type: 'float64', view: Float64Array },
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, index) => bytes[index] === byte);

/** Throws 'unreadable' where the bytes are no .npy file of plain numbers. */
export function readNpy(bytes: Uint8Array, where: string): Tensor {
  const damaged = (why: string): CogscopeError => new CogscopeError('unreadable', `The .npy file cannot be read: ${why}`, 'Write it again with numpy.save', where);
  const { header, start } = headerOf(bytes, damaged);
  const [, order = '', code = ''] = /'descr'\s*:\s*'([<>|=])([a-z]\d+)'/.exec(header) ?? [];
  const kind = kinds[code];
  if (!kind) throw damaged(`its elements are no plain numbers (${/'descr'\s*:\s*([^,]*)/.exec(header)?.[1] ?? 'no descr'})`);
  const dims = (/'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '').map(Number);
  if (!header.includes("'shape'") || !dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) throw damaged('its shape is not readable');
  const size = Number(code.slice(1));
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (bytes.length < start + count * size) throw damaged(`it holds ${bytes.length - start} bytes of elements where ${count * size} are needed`);
  // A copy of its own: a Buffer's slice would share, and need not be aligned.
  const own = Uint8Array.from(bytes.subarray(start, start + count * size));
  if (order === '>') reverseElements(own, size);
  const data = new kind.view(own.buffer);
  return { type: kind.type, dims, data: /'fortran_order'\s*:\s*True/.test(header) ? fromColumns(data, dims) : data };
}

function headerOf(bytes: Uint8Array, damaged: (why: string) => CogscopeError): { readonly header: string; readonly start: number } {
  if (!isNpy(bytes) || bytes.length < 12) throw damaged('it does not begin like one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Version 1 has a length of two bytes, 2 and 3 of four.
  const [length, at] = bytes[6] === 1 ? [view.getUint16(8, true), 10] : [view.getUint32(8, true), 12];
  if (at + length > bytes.length) throw damaged('its header runs past the end');
  return { header: new TextDecoder('latin1').decode(bytes.subarray(at, at + length)), start: at + length };
}

function reverseElements(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

/** Elements with the first axis fastest, in row-major order. */
function fromColumns(data: TensorData, dims: readonly number[]): TensorData {
  const result = data.slice();
  const counter = dims.map(() => 0);
  const strides = dims.map((_, axis) => dims.slice(0, axis).reduce((product, dim) => product * dim, 1));
  for (let target = 0; target < data.length; target++) {
    const source = counter.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0);
    // Both are of one class, so the element types agree.
    (result as Float32Array)[target] = (data as Float32Array)[source] ?? 0;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      counter[axis] = (counter[axis] ?? 0) + 1;
      if ((counter[axis] ?? 0) < (dims[axis] ?? 0)) break;
      counter[axis] = 0;
    }
  }
  return result;
}
