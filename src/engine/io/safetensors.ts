/** The safetensors format: a JSON header with offsets, then little-endian elements (huggingface/safetensors, README). */
import { CogscopeError } from '../../shared/errors.ts';
import type { Tensor, TensorData, TensorType } from '../ort/tensor.ts';

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const types: Readonly<Record<string, { readonly type: TensorType; readonly view: new (buffer: ArrayBuffer) => TensorData }>> = {
  F32: { type: 'float32', view: Float32Array }, F64: { type: 'float64', view: Float64Array }, F16: { type: 'float16', view: Uint16Array },
  I64: { type: 'int64', view: BigInt64Array }, I32: { type: 'int32', view: Int32Array }, I16: { type: 'int16', view: Int16Array }, I8: { type: 'int8', view: Int8Array },
  U8: { type: 'uint8', view: Uint8Array }, BOOL: { type: 'bool', view: Uint8Array },
};

const HEADER_LIMIT = 100 << 20;

/** Tensors by name. Throws 'unreadable' where the bytes are no safetensors file. */
export function readSafetensors(bytes: Uint8Array, where = ''): ReadonlyMap<string, Tensor> {
  const damaged = (why: string): CogscopeError => new CogscopeError('unreadable', `The safetensors file is damaged: ${why}`, 'Write it again', where);
  if (bytes.length < 8) throw damaged('it is too short');
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length) throw damaged('its header runs past the end');
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8, 8 + length)), damaged);
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const row = types[entry.dtype];
    const [start, end] = entry.data_offsets;
    if (!row) throw damaged(`"${name}" has the type ${entry.dtype}, which is not read`);
    if (!(start >= 0 && start <= end && 8 + length + end <= bytes.length)) throw damaged(`"${name}" runs past the end`);
    // A copy of its own: a Buffer's slice would share, and need not be aligned.
    const data = new row.view(Uint8Array.from(bytes.subarray(8 + length + start, 8 + length + end)).buffer);
    tensors.set(name, { type: row.type, dims: entry.shape, data });
  }
  return tensors;
}

function parseHeader(text: string, damaged: (why: string) => CogscopeError): Readonly<Record<string, HeaderEntry>> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw damaged('its header is not JSON');
  }
  const isEntry = (entry: unknown): boolean => {
    const fields = entry as Partial<HeaderEntry> | null;
    return typeof fields?.dtype === 'string' && Array.isArray(fields.shape) && Array.isArray(fields.data_offsets);
  };
  if (typeof header !== 'object' || header === null) throw damaged('its header is not an object');
  for (const [name, entry] of Object.entries(header)) if (name !== '__metadata__' && !isEntry(entry)) throw damaged(`"${name}" is described wrongly`);
  return header as Readonly<Record<string, HeaderEntry>>;
}

export interface ArrayEntry {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** A file of tensors, in the order given, as the pieces that make it up: the arrays themselves are not copied. */
export function safetensorsParts(tensors: ReadonlyMap<string, ArrayEntry>): readonly Uint8Array[] {
  const header: Record<string, HeaderEntry> = {};
  let at = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: data instanceof Float32Array ? 'F32' : 'I32', shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces to 8 bytes, as the reference implementation does, so that the elements are aligned.
  const padded = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(text, 8);
  return [head, ...[...tensors.values()].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}
