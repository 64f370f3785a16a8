/** A weight's elements, wherever protobuf lets an exporter put them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import { readFloats, weightBytes } from '../../../src/engine/onnx/weights.ts';
import type { TensorProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, floats, INT64, model, modelBytes, node, tensor, valueInfo } from '../../lib/protos.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();
const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

async function opened(weight: TensorProto): Promise<OnnxModel> {
  const parts = { nodes: [node('Identity', ['w'], ['y'])], weights: [weight], outputs: [valueInfo('y', weight.dataType, [])] };
  return await OnnxModel.open(scratch.write('model.onnx', modelBytes(model(parts))));
}

/** Small ones stay in the skeleton, large ones in the file: both ways must give the same. */
const lengths = [5, 3000];

interface Row {
  readonly name: string;
  readonly dataType: number;
  readonly values: (count: number) => { readonly field: Parameters<typeof tensor>[3]; readonly bytes: Uint8Array };
}

const ramp = (count: number, from: number): readonly number[] => Array.from({ length: count }, (_, index) => from + index);

const rows: readonly Row[] = [
  { name: 'float_data', dataType: 1, values: (count) => ({ field: { floatData: [...ramp(count, -2.5)] }, bytes: bytesOf(Float32Array.from(ramp(count, -2.5))) }) },
  { name: 'double_data', dataType: 11, values: (count) => ({ field: { doubleData: [...ramp(count, -0.1)] }, bytes: bytesOf(Float64Array.from(ramp(count, -0.1))) }) },
  { name: 'int64_data', dataType: 7, values: (count) => ({ field: { int64Data: ramp(count, -3).map((value) => BigInt(value) * 2n ** 40n) }, bytes: bytesOf(BigInt64Array.from(ramp(count, -3), (value) => BigInt(value) * 2n ** 40n)) }) },
  { name: 'uint64_data', dataType: 13, values: (count) => ({ field: { uint64Data: ramp(count, 0).map((value) => 2n ** 63n + BigInt(value)) }, bytes: bytesOf(BigUint64Array.from(ramp(count, 0), (value) => 2n ** 63n + BigInt(value))) }) },
  { name: 'uint64_data of uint32', dataType: 12, values: (count) => ({ field: { uint64Data: ramp(count, 2 ** 31).map(BigInt) }, bytes: bytesOf(Uint32Array.from(ramp(count, 2 ** 31))) }) },
  { name: 'int32_data', dataType: 6, values: (count) => ({ field: { int32Data: [...ramp(count, -100_000)] }, bytes: bytesOf(Int32Array.from(ramp(count, -100_000))) }) },
  { name: 'int32_data of int8', dataType: 3, values: (count) => ({ field: { int32Data: ramp(count, 0).map((value) => (value % 256) - 128) }, bytes: bytesOf(Int8Array.from(ramp(count, 0), (value) => (value % 256) - 128)) }) },
  { name: 'int32_data of bool', dataType: 9, values: (count) => ({ field: { int32Data: ramp(count, 0).map((value) => value % 2) }, bytes: Uint8Array.from(ramp(count, 0), (value) => value % 2) }) },
  { name: 'int32_data of float16', dataType: 10, values: (count) => ({ field: { int32Data: ramp(count, 0x3c00).map((value) => value % 0x7c00) }, bytes: bytesOf(Uint16Array.from(ramp(count, 0x3c00), (value) => value % 0x7c00)) }) },
];

for (const { name, dataType, values } of rows) {
  for (const count of lengths) {
    test(`${count} elements in ${name}`, async () => {
      const { field, bytes } = values(count);
      const from = await opened(tensor('w', dataType, [count], field));
      const weight = from.weights.get('w');
      assert.ok(weight);
      assert.deepEqual(from.problems, []);
      assert.ok(Buffer.from(weightBytes(from, weight)).equals(bytes), 'the bytes that raw_data would hold');
      await from.close();
    });
  }
}

test('float_data with a tag for each element', async () => {
  const elements = 3000;
  const weight = new BinaryWriter().tag(1, WireType.Varint).int64(BigInt(elements)).tag(2, WireType.Varint).int32(FLOAT).tag(8, WireType.LengthDelimited).string('w');
  for (let index = 0; index < elements; index++) weight.tag(4, WireType.Bit32).float(index / 8);
  const head = modelBytes(model({ nodes: [node('Identity', ['w'], ['y'])], outputs: [valueInfo('y', FLOAT, [])] }));
  const main = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(weight.finish()).finish();
  const tail = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(main).finish();
  const from = await OnnxModel.open(scratch.write('model.onnx', Buffer.concat([head, tail])));
  const found = from.weights.get('w');
  assert.ok(found);
  assert.deepEqual([...readFloats(from, found).data], Array.from({ length: elements }, (_, index) => index / 8));
  await from.close();
});

test('half precision is widened: the largest, the smallest, subnormals, infinities, NaN', async () => {
  const patterns = [0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x03ff, 0x0001, 0x7c00, 0xfc00, 0x7e00];
  const half = await opened(tensor('w', 10, [patterns.length], { rawData: bytesOf(Uint16Array.from(patterns)) }));
  const weight = half.weights.get('w');
  assert.ok(weight);
  assert.deepEqual([...readFloats(half, weight).data], [0, -0, 1, -2, 65504, 2 ** -14, 1023 * 2 ** -24, 2 ** -24, Infinity, -Infinity, NaN]);
  await half.close();
  const brain = await opened(tensor('w', 16, [4], { rawData: bytesOf(Uint16Array.of(0x3f80, 0xc2f7, 0x7f80, 0x0001)) }));
  const other = brain.weights.get('w');
  assert.ok(other);
  assert.deepEqual([...readFloats(brain, other).data], [1, -123.5, Infinity, 2 ** -133]);
  await brain.close();
});

test('a weight whose elements do not fill its shape opens with a problem that names both sizes', async () => {
  for (const count of lengths) {
    const short = await opened(floats('w', [count + 1], new Array<number>(count).fill(1)));
    assert.deepEqual(short.problems.map(({ code, what, reason }) => ({ code, what, reason })),
      [{ code: 'unreadable', what: 'The weight "w" cannot be read', reason: `it should take ${4 * count + 4} bytes and takes ${4 * count}` }]);
    await short.close();
  }
});

test('a weight of text opens, and is said not to run', async () => {
  const text = await opened(tensor('w', 8, [1], { stringData: [new TextEncoder().encode('x'.repeat(2000))] }));
  assert.deepEqual(text.problems.map(({ code, what }) => ({ code, what })), [{ code: 'refused', what: 'The weight "w" holds text' }]);
  await text.close();
});

test('small integers are folded, whichever field holds them', async () => {
  for (const field of [{ int64Data: [2n, -1n] }, { rawData: bytesOf(BigInt64Array.of(2n, -1n)) }]) {
    const from = await opened(tensor('w', INT64, [2], field));
    const weight = from.weights.get('w');
    assert.ok(weight && weight.storage.kind === 'inline');
    assert.deepEqual([...new BigInt64Array(Uint8Array.from(weight.storage.bytes).buffer)], [2n, -1n]);
    await from.close();
  }
});
