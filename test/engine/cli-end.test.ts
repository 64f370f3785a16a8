/** How the command line ends when something does not: the engine dies, a person interrupts, the reader goes. Nothing stays behind. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { test } from 'node:test';
import { FLOAT, model, modelBytes, node, integers, valueInfo } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixture } from './fixtures.ts';
import { isAlive, Running } from './lib/cogscope.ts';
import { npyBytes } from './lib/npy.ts';

const scratch = new Scratch();
const gpt2 = fixture('gpt2-eager-18').path;
const noPipes = platform() === 'win32' ? 'there are no named pipes and no signals' : false;

/** A kilobyte of file that keeps the runtime busy for minutes, in one call: 200 products of 4,096 x 4,096 matrices. */
function endless(): readonly string[] {
  const products = Array.from({ length: 200 }, (_, index) => node('MatMul', [index === 0 ? 'square' : `p${index - 1}`, 'square'], [`p${index}`]));
  const parts = {
    nodes: [node('Expand', ['x', 'size'], ['square']), ...products], weights: [integers('size', [2], [4096, 4096])],
    inputs: [valueInfo('x', FLOAT, [1])], outputs: [valueInfo('p199', FLOAT, [4096, 4096])],
  };
  const x = scratch.write('x.npy', npyBytes(Float32Array.of(0), { descr: '<f4', shape: [1] }));
  return ['run', scratch.write('endless.onnx', modelBytes(model(parts))), '--input', `x=${x}`];
}

/** A named pipe in the place of an input: the engine waits for it for as long as nobody writes. */
function waiting(name: string): { readonly args: readonly string[]; readonly pipe: string } {
  const pipe = scratch.path(name);
  execFileSync('mkfifo', [pipe]);
  return { args: ['run', gpt2, '--input', `input_ids=${pipe}`], pipe };
}

async function gone(pid: number): Promise<void> {
  // The kernel needs a moment from a parent's end to its child's; the runner's time-out is the limit.
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}

test('an engine that is killed while it starts or loads ends the command with 5 and one line', async () => {
  for (const args of [['inspect', gpt2, '--check'], ['run', gpt2, '--ids', '1', '--json']]) {
    const running = new Running(args);
    process.kill(await running.engine(), 'SIGKILL');
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 5, stderr);
    assert.match(stderr, /^cogscope: The engine ended unexpectedly \(SIGKILL\)\. Run it again/m);
    if (args.includes('--json')) assert.equal((JSON.parse(stdout) as { readonly error: { readonly code: string } }).error.code, 'engine-died');
    else assert.equal(stdout, '');
  }
});

test('an engine that is killed in the middle of a run ends the command with 5', async () => {
  const running = new Running(endless());
  const engine = await running.engine();
  await running.says('Loading the first stage');
  process.kill(engine, 'SIGKILL');
  const { code, stderr } = await running.ended;
  assert.equal(code, 5, stderr);
  assert.match(stderr, /\ncogscope: The engine ended unexpectedly \(SIGKILL\)\. Run it again/);
});

test('one Ctrl-C ends a run that cannot be heard, with 130 and without the engine', { skip: noPipes }, async () => {
  const running = new Running(endless());
  const engine = await running.engine();
  await running.says('Loading the first stage');
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /\ncogscope: Cancelled\.\n$/);
  assert.equal(stdout, '');
  assert.ok(!isAlive(engine), 'the engine is gone');
});

test('Ctrl-C while the engine starts or waits for an input, once or twice, ends with 130 and without the engine', { skip: noPipes }, async () => {
  for (const times of [1, 2]) {
    const running = new Running([...waiting(`interrupted-${times}`).args, '--json']);
    const engine = await running.engine();
    for (let time = 0; time < times; time++) running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    assert.equal(code, 130);
    assert.equal((JSON.parse(stdout) as { readonly error: { readonly code: string } }).error.code, 'cancelled');
    assert.ok(!isAlive(engine), 'the engine is gone');
  }
});

test('an input may come through a pipe', { skip: noPipes }, async () => {
  const { args, pipe } = waiting('given');
  const running = new Running([...args, '--json', '--quiet']);
  await running.engine();
  writeFileSync(pipe, npyBytes(BigInt64Array.of(1n, 2n, 3n), { descr: '<i8', shape: [3] }));
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
  const { tokens } = JSON.parse(stdout) as { readonly tokens: readonly (readonly { readonly id: number }[])[] };
  assert.deepEqual(tokens.map((row) => row.map(({ id }) => id)), [[1, 2, 3]]);
});

test('an engine whose command line is killed goes by itself', { skip: noPipes }, async () => {
  const running = new Running(waiting('orphaned').args);
  const engine = await running.engine();
  running.child.kill('SIGKILL');
  await running.ended;
  await gone(engine);
});

test('a command that ends well leaves no engine and no unfinished file', async () => {
  const running = new Running(['run', gpt2, '--ids', '1,2', '--out', scratch.path('done.safetensors'), '--quiet']);
  const engine = await running.engine();
  const { code, stderr } = await running.ended;
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(!isAlive(engine), 'the engine is gone');
  assert.deepEqual(readdirSync(scratch.folder).filter((name) => name.startsWith('done')), ['done.safetensors']);
});

test('a reader that has had enough ends the command quietly', async () => {
  const running = new Running(['inspect', gpt2, '--addresses', '--json', '--quiet']);
  running.child.stdout.destroy();
  const { code, stderr } = await running.ended;
  assert.deepEqual([code, stderr], [0, '']);
});
