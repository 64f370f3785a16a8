/** Arrays from files: every element type of .npy, both orders of bytes and axes, and what is damaged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import { readNpy } from '../../src/engine/io/npy.ts';
import { float16ToFloat32, toFloat16 } from '../../src/engine/onnx/halfFloat.ts';
import type { TensorType } from '../../src/engine/ort/tensor.ts';
import { npyBytes } from './lib/npy.ts';

const types: readonly (readonly [descr: string, type: TensorType, elements: ArrayBufferView])[] = [
  ['|b1', 'bool', Uint8Array.of(1, 0)], ['|i1', 'int8', Int8Array.of(-1, 2)], ['|u1', 'uint8', Uint8Array.of(255, 2)],
  ['<i2', 'int16', Int16Array.of(-300, 2)], ['<u2', 'uint16', Uint16Array.of(60000, 2)], ['<i4', 'int32', Int32Array.of(-70000, 2)],
  ['<u4', 'uint32', Uint32Array.of(3e9, 2)], ['<i8', 'int64', BigInt64Array.of(-(2n ** 60n), 2n)], ['<u8', 'uint64', BigUint64Array.of(2n ** 63n, 2n)],
  ['<f2', 'float16', Uint16Array.of(0x3c00, 0xbc00)], ['<f4', 'float32', Float32Array.of(1.5, -2)], ['<f8', 'float64', Float64Array.of(Math.PI, -2)],
];

test('every plain element type of NumPy is read as it is', () => {
  for (const [descr, type, elements] of types) assert.deepEqual(readNpy(npyBytes(elements, { descr, shape: [2] }), 'x.npy'), { type, dims: [2], data: elements }, descr);
});

test('big-endian elements and column-major axes are turned round', () => {
  const big = new DataView(new ArrayBuffer(8));
  [1.5, -2].forEach((value, index) => big.setFloat32(index * 4, value, false));
  assert.deepEqual(readNpy(npyBytes(big, { descr: '>f4', shape: [2, 1] }), 'x.npy').data, Float32Array.of(1.5, -2));
  // numpy.asfortranarray(numpy.arange(6).reshape(2, 3)) lies in the file as 0 3 1 4 2 5.
  const columns = readNpy(npyBytes(Int32Array.of(0, 3, 1, 4, 2, 5), { descr: '<i4', shape: [2, 3], fortran: true }), 'x.npy');
  assert.deepEqual([columns.dims, columns.data], [[2, 3], Int32Array.of(0, 1, 2, 3, 4, 5)]);
});

test('a file that is cut short at any byte, or holds objects, is unreadable and says so', () => {
  const whole = npyBytes(Float32Array.of(1, 2, 3), { descr: '<f4', shape: [3] });
  const unreadable = (error: unknown): boolean => error instanceof CogscopeError && error.code === 'unreadable' && error.data.where === 'x.npy';
  for (let length = 0; length < whole.length; length++) assert.throws(() => readNpy(whole.subarray(0, length), 'x.npy'), unreadable, `${length} bytes`);
  assert.throws(() => readNpy(npyBytes(new Uint8Array(8), { descr: '|O', shape: [1] }), 'x.npy'), unreadable);
  assert.throws(() => readNpy(npyBytes(new Uint8Array(8), { descr: '<c8', shape: [1] }), 'x.npy'), unreadable);
});

test('float16 is rounded to the nearest, ties to even, over its whole range', () => {
  const halves = Array.from({ length: 0x7c00 }, (_, bits) => bits);
  const values = [...float16ToFloat32(Uint16Array.from(halves))];
  assert.deepEqual([...toFloat16(values)], halves, 'a value that is one stays');
  // Halfway to the next, just below and just above: 11 bits of a half and 13 more fit into float32 without loss.
  const halfway = values.slice(0, -1).map((value, index) => (value + (values[index + 1] ?? 0)) / 2);
  assert.deepEqual([...toFloat16(halfway)], halfway.map((_, bits) => bits + (bits & 1)), 'ties to even');
  const below = halfway.map((value, index) => value - (value - (values[index] ?? 0)) / 512);
  assert.deepEqual([...toFloat16(below)], halves.slice(0, -1));
  const above = halfway.map((value, index) => value + (value - (values[index] ?? 0)) / 512);
  assert.deepEqual([...toFloat16(above)], halves.slice(1));
  assert.deepEqual([...toFloat16([-0, -1, 65519, 65520, Infinity, -Infinity, NaN])], [0x8000, 0xbc00, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x7e00]);
});
