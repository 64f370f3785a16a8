/** The engine as a process of its own, as editor and command line start it: whatever ends it, nobody waits and nothing stays. */
import assert from 'node:assert/strict';
import { execFile, fork } from 'node:child_process';
import { copyFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EngineProcess } from '../../src/client/engineProcess.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import type { LayerPatterns, RunProgress } from '../../src/shared/protocol/engineApi.ts';
import type { Frame } from '../../src/shared/rpc/frames.ts';
import { pack, unpack } from '../../src/shared/rpc/pack.ts';
import { floats, integers, model, modelBytes, node } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { tinyAttention } from '../lib/tinyAttention.ts';
import { fixture } from './fixtures.ts';
import { isAlive } from './lib/cogscope.ts';

const script = join(import.meta.dirname, '../../dist/engine.js');
const scratch = new Scratch();
const gpt2 = fixture('gpt2-sdpa-20').path;
const prompt = { kind: 'ids', ids: [1, 2, 3] } as const;

const engines = new Set<EngineProcess>();
after(async () => {
  for (const engine of engines) await engine.end();
});

function start(path = script): EngineProcess {
  const engine = EngineProcess.start({ script: path, threads: 1 });
  engines.add(engine);
  return engine;
}

const hasCode = (code: ErrorCode, says = /./) => (error: unknown): boolean => error instanceof CogscopeError && error.code === code && says.test(error.message);

/** One layer of attention, and behind it 200 products of 4,096 x 4,096 matrices in one stage: minutes, in a kilobyte of file. */
function endless(): string {
  const tiny = tinyAttention();
  const products = Array.from({ length: 200 }, (_, index) => node('MatMul', [index === 0 ? 'square' : `p${index - 1}`, 'square'], [`p${index}`]));
  const slow = [node('ReduceSum', ['final'], ['sum'], { keepdims: 0 }), node('Expand', ['sum', 'size'], ['square']), ...products, node('ReduceSum', ['p199'], ['total'], { keepdims: 0 }), node('Mul', ['total', 'zero'], ['nothing']), node('Add', ['final', 'nothing'], ['late'])];
  const parts = {
    ...tiny, nodes: [...tiny.nodes.slice(0, -1), ...slow, node('MatMul', ['late', 'unembed'], ['logits'])],
    weights: [...tiny.weights ?? [], integers('size', [2], [4096, 4096]), floats('zero', [], [0])],
  };
  return scratch.write('endless.onnx', modelBytes(model(parts)));
}
const slowModel = endless();

const layersIn = (body: unknown): readonly LayerPatterns[] => {
  const progress = body as RunProgress;
  return progress.kind === 'stage' ? progress.layers : [];
};

/** An engine in the middle of a run, after the first layer has arrived; `run` is still pending. */
async function running(): Promise<{ readonly engine: EngineProcess; readonly run: Promise<unknown>; readonly controller: AbortController }> {
  const engine = start();
  await engine.call('open', { path: slowModel, tokenizer: null });
  const controller = new AbortController();
  let run: Promise<unknown> | undefined;
  await new Promise<void>((resolve, reject) => {
    run = engine.call('run', { prompt, patterns: true }, { signal: controller.signal, onProgress: (body) => {
      if (layersIn(body).length > 0) resolve();
    } });
    run.catch(reject);
  });
  assert.ok(run);
  return { engine, run, controller };
}

async function gone(pid: number): Promise<void> {
  // The kernel needs a moment; the runner's time-out is the limit.
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}

test('a model is opened, run and asked about across the boundary; typed arrays arrive as such', async () => {
  const engine = start();
  const summary = await engine.call('open', { path: gpt2, tokenizer: null });
  assert.equal(summary.towers[0]?.heads, 4);
  const layers: LayerPatterns[] = [];
  const result = await engine.call('run', { prompt, patterns: true }, { onProgress: (body) => layers.push(...layersIn(body)) });
  const [first] = layers;
  assert.ok(first && first.keys instanceof Uint16Array && first.weights instanceof Float32Array && first.nanRows instanceof Uint32Array);
  assert.equal(first.weights.length, 4 * 3 * 3);
  assert.equal(result.predictions?.top.length, 10);
  const status = await engine.call('status', {});
  assert.equal(status.pid, engine.pid);
  assert.notEqual(status.pid, process.pid);
  await engine.end();
  assert.deepEqual(await engine.exited, { code: null, signal: 'SIGKILL', expected: true });
});

test('an engine that is killed in the middle of a run settles all that is pending, ten times in a row', async () => {
  for (let time = 0; time < 10; time++) {
    const { engine, run } = await running();
    const others = [engine.call('status', {}), engine.call('addresses', {})];
    const { pid } = engine;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGKILL');
    const died = hasCode('engine-died', /The engine ended unexpectedly \(SIGKILL\)/);
    await assert.rejects(run, died);
    // Between two stages the engine may have answered these; they wait for nothing in any case.
    for (const other of await Promise.allSettled(others)) assert.ok(other.status === 'fulfilled' || died(other.reason));
    assert.deepEqual(await engine.exited, { code: null, signal: 'SIGKILL', expected: false });
    await assert.rejects(engine.call('status', {}), hasCode('engine-died'), 'later calls are told as well');
    await gone(pid);
  }
});

test('an engine that is killed while it starts or loads', async () => {
  const engine = start();
  const open = engine.call('open', { path: gpt2, tokenizer: null });
  process.kill(engine.pid ?? 0, 'SIGKILL');
  await assert.rejects(open, hasCode('engine-died'));
  const loading = start();
  await loading.call('open', { path: slowModel, tokenizer: null });
  const check = loading.call('check', {});
  process.kill(loading.pid ?? 0, 'SIGKILL');
  await assert.rejects(check, hasCode('engine-died'));
});

test('a run that is cancelled rejects at once, even while the engine is deep in a stage; ending takes it along', async () => {
  const { engine, run, controller } = await running();
  controller.abort();
  await assert.rejects(run, hasCode('cancelled'));
  const { pid } = engine;
  await engine.end();
  assert.deepEqual(await engine.exited, { code: null, signal: 'SIGKILL', expected: true });
  await gone(pid ?? 0);
});

test('a run that is cancelled between two stages leaves the engine to serve the next', async () => {
  const engine = start();
  await engine.call('open', { path: fixture('gpt2-deep-sdpa-20').path, tokenizer: null });
  const controller = new AbortController();
  const cancelled = engine.call('run', { prompt, patterns: true }, { signal: controller.signal, onProgress: () => controller.abort() });
  await assert.rejects(cancelled, hasCode('cancelled'));
  assert.equal((await engine.call('run', { prompt, patterns: true })).predictions?.position, 2);
  await engine.end();
});

test('another model in the place of one that runs: the run ends, and the other answers', async () => {
  const engine = start();
  await engine.call('open', { path: fixture('gpt2-deep-sdpa-20').path, tokenizer: null });
  let other: Promise<unknown> | undefined;
  const run = engine.call('run', { prompt, patterns: true }, { onProgress: (body) => {
    if ((body as RunProgress).kind === 'started') other = engine.call('open', { path: gpt2, tokenizer: null });
  } });
  await run.catch((error: unknown) => assert.ok(hasCode('cancelled', /The model was closed/)(error), String(error)));
  await other;
  assert.equal((await engine.call('addresses', {})).filter((one) => one.address.endsWith('hook_pattern')).length, 3);
  assert.equal((await engine.call('run', { prompt, patterns: true })).predictions?.position, 2);
  await engine.end();
});

test('a model that is cut short while its sessions live does not take the engine along', async () => {
  const path = scratch.path('shrinking.onnx');
  copyFileSync(gpt2, path);
  const engine = start();
  await engine.call('open', { path, tokenizer: null });
  await engine.call('run', { prompt, patterns: true });
  truncateSync(path, 100);
  await assert.rejects(engine.call('run', { prompt, patterns: true }), hasCode('changed', /The file changed since it was opened/));
  assert.equal((await engine.call('status', {})).pid, engine.pid, 'it still answers');
  await engine.end();
});

test('the engine ends when its parent goes, by itself', async () => {
  const engine = start();
  await engine.call('open', { path: gpt2, tokenizer: null });
  await engine.finish(60_000);
  assert.deepEqual(await engine.exited, { code: 0, signal: null, expected: true });
  await gone(engine.pid ?? 0);
});

test('Ctrl-C in the terminal is the parent\'s to answer', async () => {
  const engine = start();
  await engine.call('status', {});
  process.kill(engine.pid ?? 0, 'SIGINT');
  assert.equal((await engine.call('status', {})).pid, engine.pid);
  await engine.end();
});

test('a script that is not there', async () => {
  const engine = start(scratch.path('absent.js'));
  await assert.rejects(engine.call('status', {}), hasCode('engine-died', /exit code 1/));
  assert.equal((await engine.exited).expected, false);
});

test('started by hand, it says who starts it', async () => {
  const ended = await new Promise<{ readonly code: unknown; readonly stderr: string }>((resolve) => {
    execFile(process.execPath, [script], (error, _, stderr) => resolve({ code: error?.code, stderr }));
  });
  assert.deepEqual(ended, { code: 2, stderr: 'cogscope: this file is started by the editor or the command line, not by hand\n' });
});

test('messages that are no frames, or damaged ones, do not end it', async () => {
  const child = fork(script, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  after(() => child.kill('SIGKILL'));
  const answers = new Map<number, Frame>();
  const answered = new Promise<void>((resolve) => child.on('message', (frame: Frame) => {
    if ('id' in frame) answers.set(frame.id, frame);
    if ([1, 2, 3, 4, 9].every((id) => answers.has(id))) resolve();
  }));
  const hostile: readonly unknown[] = [
    null, 1, 'call', [], {}, { kind: 'call' }, { kind: 'call', id: 1, method: '__proto__', body: pack({}) }, { kind: 'call', id: 2, method: 'open', body: pack(null) }, { kind: 'call', id: 3, method: 'open', body: pack({ path: 5, tokenizer: null }) },
    { kind: 'call', id: 4, method: 'run', body: { value: { $array: 0 }, table: [{ type: 'f32', offset: 0, length: 1e9 }], buffer: new ArrayBuffer(8) } }, { kind: 'ok', id: 77, body: pack(1) }, { kind: 'cancel', id: 88 },
    { kind: 'progress', id: 5, body: { value: null, table: [null], buffer: null } }, { kind: 'call', id: 9, method: 'status', body: pack({}) },
  ];
  for (const message of hostile) child.send(message as object);
  await answered;
  assert.deepEqual([1, 2, 3, 4].map((id) => answers.get(id)?.kind), ['error', 'error', 'error', 'error']);
  const status = answers.get(9);
  assert.ok(status?.kind === 'ok' && (unpack(status.body) as { readonly pid: number }).pid === child.pid);
});
