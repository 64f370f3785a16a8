import assert from 'node:assert/strict';
import test from 'node:test';
import { pack, unpack } from '../../src/shared/rpc/pack.ts';

/** What VS Code does between host and webview: the value as JSON, the buffer beside it. */
const throughJson = (value: unknown): unknown => {
  const packed = pack(value);
  return unpack({ ...packed, value: JSON.parse(JSON.stringify(packed.value)) as unknown });
};

test('NaN and infinities arrive as such through a channel that speaks JSON', () => {
  const value = { maxAbs: NaN, list: [Infinity, -Infinity, 1.5], nested: { logit: NaN, text: 'NaN' } };
  assert.deepEqual(throughJson(value), value);
});

test('typed arrays arrive with their type, length and values, NaN among them', () => {
  const value = { keys: new Uint16Array([1, 65535]), weights: new Float32Array([0.5, NaN]), ids: new BigInt64Array([-1n]), count: 3 };
  assert.deepEqual(throughJson(value), value);
});

test('a table that points past its buffer is refused', () => {
  const packed = pack({ values: new Float32Array(4) });
  const longer = packed.table.map((slot) => ({ ...slot, length: 5 }));
  assert.throws(() => unpack({ ...packed, table: longer }), /numbers that it does not carry/);
});
