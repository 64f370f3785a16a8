/** The checks of the anatomy hold on every fixture, find what is wrong, and take it back. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineHandlers } from '../../src/engine/server.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { checkAnatomy } from '../../src/engine/methods/check.ts';
import { capture } from '../../src/engine/methods/capture.ts';
import { runPrompt } from '../../src/engine/methods/run.ts';
import type { Attention, Block, Mlp } from '../../src/engine/anatomy/types.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { RunProgress, RunResult } from '../../src/shared/protocol/engineApi.ts';
import type { CheckReport } from '../../src/shared/summary.ts';
import { external, FLOAT, FLOAT16, floats, halves, INT64, model, modelBytes, node, valueInfo } from '../lib/protos.ts';
import { randomValues } from '../lib/random.ts';
import { Scratch } from '../lib/scratch.ts';
import { tinyAttention, VOCAB } from '../lib/tinyAttention.ts';
import { fixture, fixtures } from './fixtures.ts';

const scratch = new Scratch();
const settings = { threads: 1, weightBudget: 1e9 };
const signal = new AbortController().signal;
const open = (name: string): Promise<ModelSession> => ModelSession.open(fixture(name).path, null, settings);
const ids = { kind: 'ids', ids: [1, 2, 3, 4, 5] } as const;

const failing = (report: CheckReport): readonly string[] => report.checks.filter((check) => !check.ok).map((check) => `${check.address}: ${check.name}`);

/** Checks of a block, by style. */
const expected: Readonly<Record<string, readonly string[]>> = {
  gpt2: ['pattern x v = z', 'pattern looks back only', '|q| = |q in the scores|', '|k| = |k in the scores|', 'resid_pre + attn_out = resid_mid', 'resid_mid + mlp_out = resid_post', 'gelu_tanh(mlp_pre) = mlp_post', 'mlp_post x W_out + b = mlp_out'],
  llama: ['pattern x v = z', 'pattern looks back only', '|q| = |q in the scores|', '|k| = |k in the scores|', 'resid_pre + attn_out = resid_mid', 'resid_mid + mlp_out = resid_post', 'silu(mlp_pre) x mlp_pre_linear = mlp_post', 'mlp_post x W_out + b = mlp_out'],
  bert: ['pattern x v = z', '|q| = |q in the scores|', '|k| = |k in the scores|', 'resid_pre + attn_out = sum before the norm', 'resid_mid + mlp_out = sum before the norm', 'gelu(mlp_pre) = mlp_post', 'mlp_post x W_out + b = mlp_out'],
  'attention-only': ['pattern x v = z', 'pattern looks back only', '|q| = |q in the scores|', '|k| = |k in the scores|', 'resid_pre + attn_out = resid_post'],
};

for (const { name, meta, path } of fixtures) {
  test(`${name}: every part is checked and holds, and the chain is the file`, async () => {
    const session = await ModelSession.open(path, null, settings);
    const report = await checkAnatomy(session, signal);
    assert.equal(report.error, null);
    assert.deepEqual(report.refused, []);
    assert.deepEqual(failing(report), []);
    const blocks = session.anatomy.towers[0]?.blocks ?? [];
    const names = expected[meta.style.startsWith('gpt2') ? 'gpt2' : meta.style] ?? [];
    assert.deepEqual(report.checks.map(({ address, name: what }) => `${address}: ${what}`), [
      ...blocks.flatMap((block) => names.map((what) => `blocks.${block.index}: ${what}`)), 'logits: chain = file, bit for bit', 'logits: fast chain = file',
    ]);
    for (const check of report.checks) assert.ok(check.maxAbs >= 0 && check.maxAbs <= check.tolerance && check.tolerance < 1e-2, `${check.name}: ${check.maxAbs} of ${check.tolerance}`);
    await session.close();
  });
}

/** Something wrong in block 1 of an anatomy, as a recogniser might have read it. */
interface Mistake {
  readonly what: string;
  readonly fixture: string;
  readonly make: (parts: { readonly block: Block; readonly attention: Attention; readonly mlp: Mlp; readonly before: Block }) => void;
  readonly fails: readonly string[];
  /** Beginnings of addresses that are no longer given out. */
  readonly withdrawn: readonly string[];
}

const put = (target: object | null, source: object | null): unknown => Object.assign(target ?? {}, source);

const mistakes: readonly Mistake[] = [
  { what: 'keys for values', fixture: 'gpt2-sdpa-20', make: ({ attention }) => put(attention.v, attention.k), fails: ['pattern x v = z'], withdrawn: ['blocks.1.attn.'] },
  { what: 'another layer\'s pattern', fixture: 'bert-eager-18', make: ({ attention, before }) => put(attention.pattern, before.attention?.pattern ?? null), fails: ['pattern x v = z'], withdrawn: ['blocks.1.attn.'] },
  { what: 'values for queries', fixture: 'llama-eager-18', make: ({ attention }) => put(attention.q, attention.v), fails: ['|q| = |q in the scores|'], withdrawn: ['blocks.1.attn.hook_q'] },
  { what: 'heads and positions of keys exchanged', fixture: 'gpt2-eager-18', make: ({ attention }) => put(attention.k, { layout: [['batch'], ['head'], ['pos'], ['dHead']] }), fails: ['axes as expected (a tensor has 4 positions where 8 were expected)'], withdrawn: ['blocks.1.attn.'] },
  { what: 'queries for keys', fixture: 'gpt2-eager-18', make: ({ attention }) => put(attention.k, attention.q), fails: ['|k| = |k in the scores|'], withdrawn: ['blocks.1.attn.hook_k'] },
  { what: 'a pattern with heads and positions exchanged', fixture: 'bert-eager-20', make: ({ attention }) => put(attention.pattern, { layout: [['batch'], ['dest'], ['head'], ['src']] }), fails: ['axes as expected (a tensor has 4 positions where 8 were expected)'], withdrawn: ['blocks.1.attn.'] },
  { what: 'the state before for the one in the middle', fixture: 'llama-sdpa-20', make: ({ block }) => put(block.residMid, block.residPre), fails: ['resid_mid + mlp_out = resid_post'], withdrawn: ['blocks.1.'] },
  { what: 'another layer\'s output of attention', fixture: 'gpt2-eager-18', make: ({ attention, before }) => put(attention.out, before.attention?.out ?? null), fails: ['resid_pre + attn_out = resid_mid'], withdrawn: ['blocks.1.'] },
  { what: 'gate and its factor exchanged', fixture: 'llama-sdpa-20', make: ({ mlp }) => { const pre = { ...mlp.pre }; put(mlp.pre, mlp.preLinear); put(mlp.preLinear, pre); }, fails: ['silu(mlp_pre) x mlp_pre_linear = mlp_post'], withdrawn: ['blocks.1.mlp.'] },
  { what: 'another nonlinearity', fixture: 'bert-sdpa-18', make: ({ mlp }) => put(mlp, { activation: 'relu' }), fails: ['relu(mlp_pre) = mlp_post'], withdrawn: ['blocks.1.mlp.'] },
  { what: 'another layer\'s neurons', fixture: 'bert-sdpa-20', make: ({ mlp, before }) => put(mlp.post, before.mlp?.post ?? null), fails: ['gelu(mlp_pre) = mlp_post', 'mlp_post x W_out + b = mlp_out'], withdrawn: ['blocks.1.mlp.'] },
];

for (const { what, fixture: name, make, fails, withdrawn } of mistakes) {
  test(`${what} are found out, and what depends on them is no longer given out`, async () => {
    const session = await open(name);
    const [before, block] = session.anatomy.towers[0]?.blocks ?? [];
    assert.ok(before && block?.attention && block.mlp);
    const all = session.addresses.map((entry) => entry.address);
    make({ block, attention: block.attention, mlp: block.mlp, before });
    const report = await checkAnatomy(session, signal);
    assert.equal(report.error, null);
    assert.deepEqual(failing(report).map((line) => line.slice('blocks.1: '.length)), fails);
    const gone = (address: string): boolean => withdrawn.some((start) => address.startsWith(start));
    assert.deepEqual(session.addresses.map((entry) => entry.address), all.filter((address) => !gone(address)));
    assert.equal(report.refused.length, fails.length);
    for (const { what: part, reason } of report.refused) {
      assert.match(part, / at layer 1$/);
      assert.match(reason, /^Its check failed: (.* is off by .* where .* is allowed|axes as expected .*)$/);
    }
    const asked = capture(session, { prompts: [ids], taps: [all.find(gone) ?? ''], top: 1, values: false }, () => undefined, signal);
    await assert.rejects(asked, (error) => error instanceof CogscopeError && error.code === 'refused' && / at layer 1 is not given out/.test(error.message) && error.data.detail.startsWith('Its check failed'));
    await session.close();
  });
}

test('after a failed check, runs leave that layer\'s attention out and say so; the others arrive', async () => {
  const session = await open('gpt2-sdpa-20');
  const attention = session.anatomy.towers[0]?.blocks[1]?.attention;
  assert.ok(attention?.v && attention.k);
  put(attention.v, attention.k);
  const layers: number[] = [];
  const run = (): Promise<RunResult> => runPrompt(session, { prompt: ids, patterns: true }, (body: RunProgress) => {
    if (body.kind === 'stage') layers.push(...body.layers.map(({ layer }) => layer));
    if (body.kind === 'started' && layers.length > 0) assert.equal(body.refused?.[0]?.what, 'Attention at layer 1');
  }, signal);
  assert.equal((await run()).refused, undefined);
  assert.deepEqual(layers, [0, 1, 2], 'what was not checked is shown');
  await checkAnatomy(session, signal);
  const after = await run();
  assert.deepEqual(layers, [0, 1, 2, 0, 2]);
  assert.deepEqual(after.refused?.map(({ what }) => what), ['Attention at layer 1']);
  assert.ok(after.predictions, 'predictions do not depend on it');
  await session.close();
});

test('a pattern that turns out to be none in a run that was never checked is left out and said so, and the run goes on', async () => {
  const session = await open('bert-eager-20');
  const attention = session.anatomy.towers[0]?.blocks[1]?.attention;
  assert.ok(attention);
  put(attention.pattern, { layout: [['batch'], ['dest'], ['head'], ['src']] });
  const layers: number[] = [];
  const run = await runPrompt(session, { prompt: ids, patterns: true }, (body) => {
    if (body.kind === 'stage') layers.push(...body.layers.map(({ layer }) => layer));
  }, signal);
  assert.deepEqual(layers, [0]);
  assert.deepEqual(run.refused, [{ what: 'Attention at layer 1', reason: 'It is not what it was taken for: a tensor has 4 positions where 5 were expected' }]);
  assert.ok(run.predictions);
  await session.close();
});

test('a chain that does not compute what the file computes is not run again', async () => {
  const session = await open('attention-only-eager-18');
  const { rewriter } = session.getProgram().shape;
  const original = rewriter.proto.bind(rewriter);
  // As if a rewriting had lost something: no softmax any more.
  rewriter.proto = (one) => (one.op === 'Softmax' ? node('Identity', one.proto.input, one.proto.output) : original(one));
  const report = await checkAnatomy(session, signal);
  assert.ok(failing(report).includes('logits: fast chain = file'), failing(report).join());
  assert.ok(report.refused.some(({ what }) => what === 'Running the model'));
  const run = runPrompt(session, { prompt: ids, patterns: true }, () => undefined, signal);
  await assert.rejects(run, (error) => error instanceof CogscopeError && error.code === 'refused' && /not run, since its stages do not compute what the file computes/.test(error.message));
  await session.close();
});

test('a finished run stays while the checks run, and its predictions can still be asked for', async () => {
  const session = await open('llama-sdpa-20');
  const run = await runPrompt(session, { prompt: ids, patterns: true }, () => undefined, signal);
  await checkAnatomy(session, signal);
  assert.equal(session.runs.get(run.run).patterns.size, 2);
  await session.close();
});

test('checks can be cancelled between stages', async () => {
  const session = await open('gpt2-eager-18');
  const controller = new AbortController();
  const check = checkAnatomy(session, controller.signal);
  setImmediate(() => controller.abort());
  await assert.rejects(check, (error) => error instanceof CogscopeError && error.code === 'cancelled');
  assert.equal((await checkAnatomy(session, signal)).error, null, 'and run again');
  await session.close();
});

test('in half precision everything runs and is checked within what half precision carries', async () => {
  const tiny = tinyAttention();
  const weights = (tiny.weights ?? []).map((weight) => (weight.dataType === FLOAT ? halves(weight.name, weight.dims.map(Number), [...new Float32Array(weight.rawData.slice().buffer)]) : weight));
  const session = await ModelSession.open(scratch.write('half.onnx', modelBytes(model({ ...tiny, weights, outputs: [valueInfo('logits', FLOAT16, ['batch', 'sequence', VOCAB])] }))), null, settings);
  const report = await checkAnatomy(session, signal);
  assert.deepEqual([report.error, failing(report)], [null, []]);
  assert.ok(report.checks.some(({ name }) => name === 'chain = file, within half precision'));
  const run = await runPrompt(session, { prompt: ids, patterns: true }, () => undefined, signal);
  const single = await ModelSession.open(scratch.write('single.onnx', modelBytes(model(tiny))), null, settings);
  const truth = await runPrompt(single, { prompt: ids, patterns: true }, () => undefined, signal);
  const difference = Math.abs((run.predictions?.top[0]?.logit ?? NaN) - (truth.predictions?.top[0]?.logit ?? NaN));
  assert.ok(difference < 0.01, `the best logit differs by ${difference}`);
  await session.close();
  await single.close();
});

test('a model that cannot be run says so in the report, and stays open', async () => {
  const parts = { nodes: [node('Add', ['x', 'w'], ['y'])], weights: [external('w', FLOAT, [4], { location: 'gone.bin' })], inputs: [valueInfo('x', FLOAT, ['n', 4])], outputs: [valueInfo('y', FLOAT, ['n', 4])] };
  const session = await ModelSession.open(scratch.write('gone.onnx', modelBytes(model(parts))), null, settings);
  const report = await checkAnatomy(session, signal);
  assert.equal(report.error?.code, 'unreadable');
  assert.match(report.error.what, /the data file "gone.bin" is missing/);
  await session.close();
});

test('a model in the Hugging Face cache is compared with the file as its links lead to it', async () => {
  const weights = floats('w', [96, 4], randomValues(1, 384)).rawData;
  const parts = {
    nodes: [node('Gather', ['w', 'input_ids'], ['e']), node('MatMul', ['e', 'v'], ['y'])],
    weights: [external('w', FLOAT, [96, 4], { location: 'weights.bin' }), external('v', FLOAT, [4, 96], { location: 'weights.bin' })],
    inputs: [valueInfo('input_ids', INT64, ['batch', 'sequence'])], outputs: [valueInfo('y', FLOAT, ['batch', 'sequence', 96])],
  };
  const snapshot = scratch.path('cache/snapshots/main');
  mkdirSync(snapshot, { recursive: true });
  mkdirSync(scratch.path('cache/blobs'));
  writeFileSync(scratch.path('cache/blobs/0a'), modelBytes(model(parts)));
  writeFileSync(scratch.path('cache/blobs/1b'), weights);
  symlinkSync('../../blobs/0a', join(snapshot, 'model.onnx'));
  symlinkSync('../../blobs/1b', join(snapshot, 'weights.bin'));
  const session = await ModelSession.open(join(snapshot, 'model.onnx'), null, settings);
  const report = await checkAnatomy(session, signal);
  assert.equal(report.error?.what ?? null, null);
  await session.close();
});

test('through the engine\'s methods: check, then addresses without what failed', async () => {
  const path = scratch.path('model.onnx');
  copyFileSync(fixture('gpt2-sdpa-20').path, path);
  const handlers = engineHandlers(settings);
  const context = { signal, progress: () => undefined };
  await handlers.open({ path, tokenizer: null }, context);
  const before = await handlers.addresses({}, context);
  const report = await handlers.check({}, context);
  assert.ok(report.checks.length > 0 && report.checks.every((check) => check.ok));
  assert.deepEqual(await handlers.addresses({}, context), before);
  await handlers.release({}, context);
});
