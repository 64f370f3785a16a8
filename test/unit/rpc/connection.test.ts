/** One end of the transport: every call is settled once, whatever the other side does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CogscopeError } from '../../../src/shared/errors.ts';
import type { ErrorCode } from '../../../src/shared/errors.ts';
import { Connection } from '../../../src/shared/rpc/connection.ts';
import type { CallContext, Handlers } from '../../../src/shared/rpc/connection.ts';
import { pipe } from './pipe.ts';
import type { AnyApi, End } from './pipe.ts';

function connected(handlers: Handlers<AnyApi>): { readonly near: Connection; readonly far: Connection; readonly ends: readonly [End, End] } {
  const ends = pipe();
  const [near, far] = [new Connection(ends[0]), new Connection(ends[1])];
  far.serve<AnyApi>(handlers);
  return { near, far, ends };
}

const hasCode = (code: ErrorCode, what?: RegExp) => (error: unknown): boolean => error instanceof CogscopeError && error.code === code && (what?.test(error.message) ?? true);
const never = (): Promise<never> => new Promise(() => undefined);

test('a call is answered with what the handler returns, typed arrays included', async () => {
  const { near } = connected({ double: (params) => ({ values: (params as { readonly values: Float32Array }).values.map((value) => value * 2), note: null }) });
  assert.deepEqual(await near.call('double', { values: Float32Array.of(1, NaN) }), { values: Float32Array.of(2, NaN), note: null });
});

test('calls that are under way at once get each its own answer', async () => {
  const { near } = connected({ wait: async (params) => {
    for (let turns = 10 - Number(params); turns > 0; turns--) await new Promise(setImmediate);
    return params;
  } });
  assert.deepEqual(await Promise.all([1, 5, 3, 9].map((number) => near.call('wait', number))), [1, 5, 3, 9]);
});

test('errors arrive with code, sentence and detail; those of other makes as an error of our own', async () => {
  const { near } = connected({
    refuse: () => { throw new CogscopeError('refused', 'It is refused', 'Do this', 'here', 'because'); },
    fail: () => { throw new TypeError('x is not a function'); },
    throwText: () => { throw 'text'; },
    abort: () => { throw new DOMException('', 'AbortError'); },
  });
  await assert.rejects(near.call('refuse', null), (error) => {
    assert.ok(error instanceof CogscopeError);
    assert.deepEqual(error.data, { code: 'refused', what: 'It is refused', todo: 'Do this', where: 'here', detail: 'because' });
    return true;
  });
  await assert.rejects(near.call('fail', null), hasCode('internal', /x is not a function/));
  await assert.rejects(near.call('throwText', null), hasCode('internal', /text/));
  await assert.rejects(near.call('abort', null), hasCode('cancelled'));
});

test('a method that nobody serves, and names of an object\'s own', async () => {
  const { near } = connected({});
  for (const name of ['nothing', 'toString', '__proto__', 'constructor', 'hasOwnProperty']) await assert.rejects(near.call(name, null), hasCode('internal', /Nothing answers/), name);
});

test('progress arrives in order, before the answer, and only with the call that it belongs to', async () => {
  const seen: string[] = [];
  const { near } = connected({ count: async (params, { progress }) => {
    for (let step = 0; step < 5; step++) {
      progress({ params, step });
      await new Promise(setImmediate);
    }
    return params;
  } });
  const call = async (name: string): Promise<void> => {
    await near.call('count', name, { onProgress: (body) => seen.push(`${name} ${JSON.stringify(body)}`) });
    seen.push(`${name} done`);
  };
  await Promise.all([call('a'), call('b')]);
  for (const name of ['a', 'b']) {
    assert.deepEqual(seen.filter((line) => line.startsWith(name)), [...[0, 1, 2, 3, 4].map((step) => `${name} ${JSON.stringify({ params: name, step })}`), `${name} done`]);
  }
});

test('a cancelled call rejects at once, and the handler hears of it', async () => {
  let heard: (() => void) | undefined;
  const wasHeard = new Promise<void>((resolve) => (heard = resolve));
  const { near } = connected({ long: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => {
    heard?.();
    reject(signal.reason as Error);
  })) });
  const controller = new AbortController();
  const call = near.call('long', null, { signal: controller.signal });
  await new Promise(setImmediate);
  controller.abort();
  await assert.rejects(call, hasCode('cancelled'));
  await wasHeard;
});

test('a call with a signal that is aborted already is not sent', async () => {
  const { near, ends } = connected({ any: () => 1 });
  await assert.rejects(near.call('any', null, { signal: AbortSignal.abort() }), hasCode('cancelled'));
  assert.deepEqual(ends[0].sent, []);
});

test('an answer to a call that was cancelled, or that never was, changes nothing', async () => {
  const { near, ends } = connected({ any: () => 1 });
  const controller = new AbortController();
  const call = near.call('any', null, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, hasCode('cancelled'));
  for (const id of [1, 2, 99]) ends[0].arrive({ kind: 'ok', id, body: { value: 2, table: [], buffer: null } });
  assert.equal(await near.call('any', null), 1);
});

test('when the other side goes, all that is pending is settled and all that runs is stopped', async () => {
  const { near, far, ends } = connected({ hang: never });
  let stopped = false;
  near.serve<AnyApi>({ serve: (_: unknown, { signal }: CallContext) => {
    signal.addEventListener('abort', () => (stopped = true));
    return never();
  } });
  const calls = [1, 2, 3].map(() => near.call('hang', null));
  far.call('serve', null).catch(() => undefined);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  ends[0].close('The engine ended unexpectedly (SIGKILL)');
  for (const call of calls) await assert.rejects(call, hasCode('engine-died', /SIGKILL/));
  assert.ok(stopped);
  await assert.rejects(near.call('hang', null), hasCode('engine-died', /SIGKILL/));
});

test('what cannot be sent rejects its call and leaves the others alone', async () => {
  const { near } = connected({ any: () => 1, answer: () => ({ run: (): void => undefined }) });
  await assert.rejects(near.call('any', { run: (): void => undefined }), hasCode('internal', /could not be cloned/));
  await assert.rejects(near.call('answer', null), hasCode('internal', /could not be cloned/));
  assert.equal(await near.call('any', null), 1);
});

test('a port that throws because the other side has gone harms nobody', async () => {
  const { near, far, ends } = connected({ hang: never });
  const controller = new AbortController();
  const call = near.call('hang', null, { signal: controller.signal });
  near.serve<AnyApi>({ any: () => 1 });
  const asked = far.call('any', null);
  ends[0].send = () => {
    throw new Error('channel closed');
  };
  controller.abort();
  await assert.rejects(call, hasCode('cancelled'));
  await assert.rejects(near.call('hang', null), hasCode('internal', /channel closed/));
  await new Promise(setImmediate);
  far.close({ code: 'engine-died', what: 'It went', todo: '', where: '', detail: '' });
  await assert.rejects(asked, hasCode('engine-died'));
});

test('events go to whoever listens, and no longer afterwards', async () => {
  const { near, far } = connected({});
  const seen: unknown[] = [];
  const stop = near.on('model', (body) => seen.push(body));
  far.emit('model', { state: 1 });
  far.emit('other', { state: 2 });
  await new Promise(setImmediate);
  stop();
  far.emit('model', { state: 3 });
  await new Promise(setImmediate);
  assert.deepEqual(seen, [{ state: 1 }]);
});
