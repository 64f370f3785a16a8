/** Nothing that arrives is trusted: what is no frame is dropped, and what is one but damaged harms only its own call. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { Connection } from '../../../src/shared/rpc/connection.ts';
import { isFrame } from '../../../src/shared/rpc/isFrame.ts';
import { pack, unpack } from '../../../src/shared/rpc/pack.ts';
import type { Packed } from '../../../src/shared/rpc/frames.ts';
import { pipe } from './pipe.ts';
import type { AnyApi } from './pipe.ts';

const body = { value: null, table: [], buffer: null };

const noFrames: readonly unknown[] = [
  undefined, null, 0, 'call', [], {}, () => undefined, Symbol('call'), 1n,
  { kind: 'call' }, { kind: 'toString', id: 1, body }, { kind: '__proto__', id: 1, body }, { kind: 'constructor', id: 1, method: 'x', body }, { kind: ['call'], id: 1, method: 'x', body },
  { kind: 'call', id: 0, method: 'x', body }, { kind: 'call', id: -1, method: 'x', body }, { kind: 'call', id: 1.5, method: 'x', body }, { kind: 'call', id: NaN, method: 'x', body },
  { kind: 'call', id: '1', method: 'x', body }, { kind: 'call', id: 2 ** 60, method: 'x', body },
  { kind: 'call', id: 1, method: 5, body }, { kind: 'call', id: 1, method: 'x'.repeat(10_000), body }, { kind: 'call', id: 1, method: { toString: () => 'run' }, body },
  { kind: 'call', id: 1, method: 'x' }, { kind: 'call', id: 1, method: 'x', body: null }, { kind: 'call', id: 1, method: 'x', body: { value: 1, table: 'none', buffer: null } },
  { kind: 'call', id: 1, method: 'x', body: { value: 1, table: {}, buffer: null } }, { kind: 'call', id: 1, method: 'x', body: { value: 1, table: [], buffer: 'bytes' } }, { kind: 'call', id: 1, method: 'x', body: { value: 1, table: [] } },
  { kind: 'ok', id: 1 }, { kind: 'error', id: 1 }, { kind: 'error', id: 1, error: 'no' }, { kind: 'cancel' }, { kind: 'progress', id: 1 }, { kind: 'event', body },
];

test('what is no frame is told from what is one', () => {
  for (const value of noFrames) assert.equal(isFrame(value), false, String(Object.entries(value ?? {})));
  for (const frame of [{ kind: 'call', id: 1, method: 'x', body }, { kind: 'ok', id: 1, body }, { kind: 'error', id: 1, error: {} }, { kind: 'cancel', id: 1 }, { kind: 'progress', id: 1, body }, { kind: 'event', method: 'x', body }]) {
    assert.equal(isFrame(frame), true, frame.kind);
  }
});

test('what is no frame is dropped, and the connection goes on', async () => {
  const [near, far] = pipe();
  const connection = new Connection(near);
  new Connection(far).serve<AnyApi>({ any: () => 1 });
  for (const value of noFrames) near.arrive(value);
  assert.equal(await connection.call('any', null), 1);
});

const buffer = new ArrayBuffer(16);
const slots: readonly unknown[] = [
  null, 5, 'f32', {}, { type: 'f32' }, { type: '__proto__', offset: 0, length: 1 }, { type: 'constructor', offset: 0, length: 1 }, { type: ['f32'], offset: 0, length: 1e9 },
  { type: 'f32', offset: 8, length: 3 }, { type: 'f32', offset: -4, length: 1 }, { type: 'f32', offset: 2, length: 1 }, { type: 'f64', offset: 4, length: 1 }, { type: 'f32', offset: 0, length: -1 },
  { type: 'f32', offset: NaN, length: 1 }, { type: 'f32', offset: 0, length: 1.5 }, { type: 'f32', offset: 0, length: 2 ** 53 }, { type: 'f32', offset: '0', length: '1' }, { type: 'u8', offset: 0, length: 17 },
];
const damaged: readonly Packed[] = [
  ...slots.map((slot) => ({ value: { x: { $array: 0 } }, table: [slot], buffer }) as Packed),
  { value: { $array: 1 }, table: [], buffer }, { value: { $array: -1 }, table: [], buffer }, { value: { $array: 0 }, table: [{ type: 'f32', offset: 0, length: 1 }], buffer: null },
    // VS Code carries a buffer as an empty object where it does not know whose message it is.
  { value: { $array: 0 }, table: [{ type: 'u8', offset: 0, length: 0 }], buffer: {} as ArrayBuffer },
  { value: { $entries: [null] }, table: [], buffer: null }, { value: { $entries: [5] }, table: [], buffer: null },
];

test('tables that do not fit their buffer are refused', () => {
  for (const packed of damaged) assert.throws(() => unpack(packed), JSON.stringify(packed));
});

test('a damaged answer rejects the call that it answers', async () => {
  for (const packed of damaged) {
    const [near] = pipe();
    const connection = new Connection(near);
    const call = connection.call('any', null);
    near.arrive({ kind: 'ok', id: 1, body: packed });
    await assert.rejects(call, (error) => error instanceof CogscopeError && error.code === 'internal');
  }
});

test('damaged progress rejects its call and stops the other side, since a part of the answer is lost', async () => {
  for (const packed of damaged) {
    const [near] = pipe();
    const connection = new Connection(near);
    const call = connection.call('any', null, { onProgress: () => assert.fail('damaged progress was delivered') });
    near.arrive({ kind: 'progress', id: 1, body: packed });
    near.arrive({ kind: 'ok', id: 1, body });
    await assert.rejects(call, (error) => error instanceof CogscopeError && error.code === 'internal');
    assert.deepEqual(near.sent.map((frame) => frame.kind), ['call', 'cancel']);
  }
});

test('damaged parameters are answered with an error; damaged events are dropped', async () => {
  for (const packed of damaged) {
    const [near, far] = pipe();
    const connection = new Connection(near);
    connection.serve<AnyApi>({ any: () => 1 });
    connection.on('model', () => assert.fail('a damaged event was delivered'));
    const call = connection.call('any', null);
    near.arrive({ kind: 'event', method: 'model', body: packed });
    near.arrive({ kind: 'call', id: 7, method: 'any', body: packed });
    near.arrive({ kind: 'ok', id: 1, body });
    assert.equal(await call, null);
    await new Promise(setImmediate);
    assert.deepEqual(near.sent.map((frame) => frame.kind), ['call', 'error']);
    assert.deepEqual(far.sent, []);
  }
});

test('values so deep that no stack holds them are an error of that call', async () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  const [near] = pipe();
  const connection = new Connection(near);
  const call = connection.call('any', null);
  near.arrive({ kind: 'ok', id: 1, body: { value: deep, table: [], buffer: null } });
  await assert.rejects(call, (error) => error instanceof CogscopeError);
  await assert.rejects(connection.call('any', deep), (error) => error instanceof CogscopeError);
});

test('an error frame with anything in it rejects with an error that can be shown', async () => {
  for (const error of [{}, [], { code: 5, what: null }, { code: 'refused', what: { toString: null } }, { code: '__proto__', what: 'x' }]) {
    const [near] = pipe();
    const connection = new Connection(near);
    const call = connection.call('any', null);
    near.arrive({ kind: 'error', id: 1, error });
    await assert.rejects(call, (thrown) => thrown instanceof CogscopeError && typeof thrown.message === 'string' && typeof thrown.data.what === 'string' && typeof thrown.code === 'string');
  }
});

test('names out of a model may be ours, or those of every object', () => {
  const value = {
    opset: { '$array': 3, '': 18 }, inputs: { $number: 'NaN', $entries: [1] }, shapes: JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as unknown,
    weights: { $array: Float32Array.of(1), $entries: Float32Array.of(2) },
  };
  const arrived = unpack(JSON.parse(JSON.stringify(pack({ ...value, weights: null }))) as Packed);
  assert.deepEqual(arrived, { ...value, weights: null });
  assert.deepEqual(unpack(pack(value)), value);
  assert.equal(({} as { readonly polluted?: boolean }).polluted, undefined);
});
