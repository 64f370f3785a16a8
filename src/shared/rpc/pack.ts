import { CogscopeError } from '../errors.ts';
import type { ArraySlot, ArrayType, Packed } from './frames.ts';

type AnyArray =
  | Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | BigInt64Array;

interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): AnyArray;
}

const classes: Readonly<Record<ArrayType, ArrayClass>> = {
  f32: Float32Array, f64: Float64Array, u8: Uint8Array, i8: Int8Array, u16: Uint16Array,
  i16: Int16Array, u32: Uint32Array, i32: Int32Array, i64: BigInt64Array,
};
const names = Object.keys(classes) as readonly ArrayType[];

function arrayType(value: unknown): ArrayType | undefined {
  return ArrayBuffer.isView(value) ? names.find((name) => value instanceof classes[name]) : undefined;
}

const align = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/**
 * Takes the typed arrays out of `value` into one buffer. `value` itself is left as it is. VS Code carries the rest between
 * host and webview as JSON, which has no NaN and no infinity: those travel as {"$number": "NaN"}.
 */
export function pack(value: unknown): Packed {
  const arrays: AnyArray[] = [];
  const table: ArraySlot[] = [];
  let bytes = 0;

  const strip = (part: unknown): unknown => {
    const type = arrayType(part);
    if (type !== undefined) {
      const array = part as AnyArray;
      table.push({ type, offset: bytes, length: array.length });
      arrays.push(array);
      bytes += align(array.byteLength);
      return { $array: table.length - 1 };
    }
    if (typeof part === 'number' && !Number.isFinite(part)) return { $number: String(part) };
    if (Array.isArray(part)) return part.map(strip);
    if (typeof part === 'object' && part !== null) {
      const entries = Object.entries(part).map(([key, inner]): [string, unknown] => [key, strip(inner)]);
      // Names out of a model may be anything, ours too.
      return entries.some(([key]) => reserved.has(key)) ? { $entries: entries } : Object.fromEntries(entries);
    }
    return part;
  };

  const stripped = strip(value);
  if (table.length === 0) return { value: stripped, table, buffer: null };
  const buffer = new ArrayBuffer(bytes);
  const target = new Uint8Array(buffer);
  arrays.forEach((array, index) => {
    target.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), table[index]?.offset ?? 0);
  });
  return { value: stripped, table, buffer };
}

interface Reserved {
  readonly $array?: unknown;
  readonly $number?: unknown;
  readonly $entries?: unknown;
}

const reserved: ReadonlySet<string> = new Set(['$array', '$number', '$entries'] satisfies readonly (keyof Reserved)[]);

function fits({ type, offset, length }: ArraySlot, buffer: ArrayBuffer): boolean {
  if (!(buffer instanceof ArrayBuffer) || !Object.hasOwn(classes, type) || !Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) return false;
  const { BYTES_PER_ELEMENT: size } = classes[type];
  return offset % size === 0 && offset + length * size <= buffer.byteLength;
}

/** The inverse of {@link pack}; arrays are views of the one buffer. Throws 'internal' where the table does not fit. */
export function unpack(packed: Packed): unknown {
  const { table, buffer } = packed;
  const restore = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(restore);
    if (typeof part !== 'object' || part === null) return part;
    const { $array: index, $number: number, $entries: entries } = part as Reserved;
    if (typeof index === 'number') return view(index);
    if (typeof number === 'string') return Number(number);
    const all: readonly (readonly [string, unknown])[] = Array.isArray(entries) ? entries : Object.entries(part);
    return Object.fromEntries(all.map(([key, inner]) => [key, restore(inner)]));
  };
  const view = (index: number): AnyArray => {
    const slot = table[index];
    if (!slot || !buffer || !fits(slot, buffer)) throw new CogscopeError('internal', 'A message refers to numbers that it does not carry');
    return new classes[slot.type](buffer, slot.offset, slot.length);
  };
  return restore(packed.value);
}
