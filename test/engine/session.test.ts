/** An open model through the engine's methods: what it answers, and the one sentence for all that can go wrong. */
import assert from 'node:assert/strict';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineHandlers } from '../../src/engine/server.ts';
import { OnnxModel } from '../../src/engine/onnx/model.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import type { EngineApi, Prompt, RunProgress, RunResult } from '../../src/shared/protocol/engineApi.ts';
import type { Handlers } from '../../src/shared/rpc/connection.ts';
import { FLOAT, INT64, model, modelBytes, node, valueInfo } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { tinyAttention } from '../lib/tinyAttention.ts';
import { fixture, fixtureFolder } from './fixtures.ts';

const scratch = new Scratch();
const settings = { threads: 1, weightBudget: 1e9 };
const quiet = { signal: new AbortController().signal, progress: (): void => undefined };
const ids = (...list: readonly number[]): Prompt => ({ kind: 'ids', ids: list });
const text = (prompt: string): Prompt => ({ kind: 'text', text: prompt, special: true });
let folders = 0;

interface OpenModel {
  readonly engine: Handlers<EngineApi>;
  readonly path: string;
  readonly folder: string;
  run(prompt: Prompt, progress?: (body: RunProgress) => void, signal?: AbortSignal): Promise<RunResult>;
}

/** A copy of a fixture, alone in a folder, perhaps with a tokenizer, opened by an engine of its own. */
async function opened(name: string, tokenizer?: string): Promise<OpenModel> {
  const folder = scratch.path(`${folders++}`);
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  const path = join(folder, 'a/b/model.onnx');
  copyFileSync(fixture(name).path, path);
  // The clock of a file system ticks in milliseconds: a change must not fall into the tick of the copy.
  utimesSync(path, 1e9, 1e9);
  if (tokenizer !== undefined) copyFileSync(join(fixtureFolder, 'tokenizers', tokenizer, 'tokenizer.json'), join(folder, 'a/b/tokenizer.json'));
  return await openedAt(path);
}

async function openedAt(path: string): Promise<OpenModel> {
  const engine = engineHandlers(settings);
  await engine.open({ path, tokenizer: null }, quiet);
  return {
    engine, path, folder: join(path, '..'),
    run: async (prompt, progress = () => undefined, signal = quiet.signal) => await engine.run({ prompt, patterns: true }, { signal, progress: (body) => progress(body as RunProgress) }),
  };
}

/** The sentence of an error of ours with what to do. */
async function refused(call: Promise<unknown>, code: ErrorCode): Promise<string> {
  let caught: unknown;
  await call.catch((error: unknown) => (caught = error));
  assert.ok(caught instanceof CogscopeError, `it is an error of ours: ${String(caught)}`);
  assert.equal(caught.code, code, caught.message);
  return caught.message;
}

/** A method may throw at once or reject. */
const call = async (ask: () => unknown): Promise<unknown> => await ask();

test('a run streams its frame, then each layer as it is made, then the result', async () => {
  const { run } = await opened('gpt2-deep-sdpa-20');
  const seen: string[] = [];
  let stages = 0;
  const result = await run(ids(1, 2, 3), (body) => {
    if (body.kind === 'started') stages = body.stages;
    seen.push(...(body.kind === 'stage' ? [`stage ${body.stage} of ${body.stages}`, ...body.layers.map(({ layer }) => `layer ${layer}`)] : ['started']));
  });
  assert.equal(stages, 7, 'before the first block, the blocks, behind the last block');
  // A layer's patterns are made in the stage of its block.
  const expected = ['started', 'stage 1 of 7', ...[0, 1, 2, 3, 4].flatMap((layer) => [`stage ${layer + 2} of 7`, `layer ${layer}`]), 'stage 7 of 7'];
  assert.deepEqual(seen, expected);
  assert.deepEqual(result.tokens.map(({ id, start, end }) => [id, start, end]), [[1, 0, 0], [2, 0, 0], [3, 0, 0]]);
  assert.equal(result.predictions?.position, 2);
  assert.deepEqual(result.nan, []);
});

test('a prompt that is empty, too long, or outside the vocabulary', async () => {
  const { run, engine } = await opened('gpt2-sdpa-20');
  const long = Array.from({ length: 65 }, () => 1);
  assert.equal(await refused(run(ids()), 'usage'), 'The prompt is empty. Type at least one token.');
  assert.equal(await refused(run(ids(...long)), 'usage'), 'The prompt has 65 tokens and the model’s context holds 64. Shorten it by one token.');
  assert.equal(await refused(run(ids(...long, 1)), 'usage'), 'The prompt has 66 tokens and the model’s context holds 64. Shorten it by 2 tokens.');
  for (const id of [96, -1, 1.5, NaN, Infinity, 2 ** 53]) assert.equal(await refused(run(ids(1, id)), 'usage'), `Token id ${id} is outside the vocabulary of 96. Use ids of this model’s own tokenizer.`);
  assert.equal((await run(ids(...long.slice(1)))).tokens.length, 64, 'a prompt of the whole context runs');
  assert.equal((await run(ids(0, 95))).tokens.length, 2, 'the first and the last id run');
  assert.equal(await refused(call(() => engine.tokenize({ prompt: ids() }, quiet)), 'usage'), 'The prompt is empty. Type at least one token.');
});

test('without a tokenizer ids work, and text says where one was looked for', async () => {
  const { run } = await opened('llama-sdpa-20');
  assert.match(await refused(run(text('Lily')), 'usage'), /^No tokenizer beside the model or up to two folders above it\. Give token ids, or put a tokenizer\.json beside the model\.$/);
  assert.equal((await run(ids(1, 2))).tokens[1]?.text, '2');
});

test('a tokenizer that does not fit the model: its ids are outside the vocabulary', async () => {
  const { run } = await opened('gpt2-sdpa-20', 'byte-level');
  assert.match(await refused(run(text('Lily and Ben')), 'usage'), /outside the vocabulary of 96/);
});

test('a file that was exported for one shape takes that length, and says so of others; two rows are opened unless they meet', async () => {
  const fixed = (name: string, rows: number, parts = tinyAttention()): Promise<OpenModel> => openedAt(scratch.write(name, modelBytes(model({ ...parts, inputs: [valueInfo('input_ids', INT64, [rows, 5])] }))));
  const five = await fixed('five.onnx', 1);
  assert.equal((await five.run(ids(1, 2, 3, 4, 5))).tokens.length, 5);
  assert.equal(await refused(five.run(ids(1, 2, 3)), 'usage'), 'The model takes exactly 5 tokens, and the prompt has 3. Use a prompt of 5 tokens, or export the model with a dynamic length.');
  const report = await five.engine.check({}, quiet);
  assert.deepEqual([report.error, report.checks.filter((check) => !check.ok)], [null, []], 'the checks use that length');

  const two = await fixed('two.onnx', 2);
  assert.deepEqual((await two.run(ids(1, 2, 3, 4, 5))).predictions, (await five.run(ids(1, 2, 3, 4, 5))).predictions, 'one prompt, though the file takes two');
  const twice = await two.engine.check({}, quiet);
  assert.deepEqual([twice.error, twice.checks.filter((check) => !check.ok)], [null, []], 'the file itself is run with its two rows');

  const tiny = tinyAttention();
  const meeting = [node('ReduceMean', ['final'], ['mean'], { axes: [0], keepdims: 1 }), node('Sub', ['final', 'mean'], ['apart']), node('MatMul', ['apart', 'unembed'], ['logits'])];
  const mixed = await fixed('mixed.onnx', 2, { ...tiny, nodes: [...tiny.nodes.slice(0, -1), ...meeting] });
  assert.equal(await refused(mixed.run(ids(1, 2, 3, 4, 5)), 'refused'), 'The model takes exactly 2 prompts at a time. Export it with a dynamic batch, or for one prompt.');
});

test('an input that nothing fills is asked for by name, with its type and shape', async () => {
  const tiny = tinyAttention();
  const parts = {
    ...tiny, nodes: [...tiny.nodes.slice(0, -1), node('Add', ['final', 'speaker'], ['shifted']), node('MatMul', ['shifted', 'unembed'], ['logits'])],
    inputs: [...tiny.inputs ?? [], valueInfo('speaker', FLOAT, ['batch', 1, 4])],
  };
  const { run } = await openedAt(scratch.write('speaker.onnx', modelBytes(model(parts))));
  assert.match(await refused(run(ids(1)), 'usage'), /^Input "speaker" \(float32 \[batch, 1, 4\]\) has no value and Cogscope does not know what it is for .*Give it with --input speaker=FILE\.$/);
});

test('inputs that a prompt does not give are filled by role, shown, and can be changed', async () => {
  const { engine } = await opened('bert-sdpa-20');
  const run = async (inputs: Readonly<Record<string, readonly number[]>>): Promise<RunResult> => await engine.run({ prompt: ids(1, 2, 3), inputs, patterns: true }, quiet);
  const plain = await run({});
  assert.deepEqual(plain.filled, [
    { name: 'attention_mask', role: 'mask', filledWith: '1 for every token', values: [1, 1, 1], changeable: true },
    { name: 'token_type_ids', role: 'types', filledWith: '0 for every token', values: [0, 0, 0], changeable: true },
  ]);
  const changed = await run({ token_type_ids: [0, 1, 1] });
  assert.deepEqual(changed.filled[1], { name: 'token_type_ids', role: 'types', filledWith: 'your values', values: [0, 1, 1], changeable: true });
  assert.notDeepEqual(changed.predictions, plain.predictions);
  assert.match(await refused(run({ attention_mask: [1] }), 'usage'), /Input "attention_mask" has 1 values for 3 tokens/);
});

test('NaN in the activations is shown as such: the run says where, and nothing throws', async () => {
  // The exporter's scaled-dot-product attention replaces NaN by 0 in patterns; the plain one does not.
  const { path } = await opened('gpt2-eager-18');
  const read = await OnnxModel.open(path);
  const weight = [...read.weights.values()].find(({ name }) => name === 'model.transformer.h.1.attn.c_attn.weight');
  assert.ok(weight?.storage.kind === 'file', [...read.weights.keys()].join());
  const { offset } = weight.storage;
  await read.close();
  const file = openSync(path, 'r+');
  writeSync(file, new Uint8Array(Float32Array.of(NaN).buffer), 0, 4, offset);
  closeSync(file);
  const { run, engine } = await openedAt(path);
  const layers: number[] = [];
  const result = await run(ids(1, 2, 3), (body) => {
    if (body.kind === 'stage') layers.push(...body.layers.filter(({ nanRows }) => nanRows.length > 0).map(({ layer }) => layer));
  });
  assert.deepEqual(layers, [1, 2], 'from layer 1 on');
  assert.deepEqual(result.nan, ['blocks.1.attn.hook_pattern', 'blocks.2.attn.hook_pattern', 'logits']);
  assert.deepEqual(result.predictions, { position: 2, top: [], nan: true });
  const tile = await engine.patternTile({ run: result.run, tower: '', attention: 'self', layer: 2, head: 0, row: 0, rows: 3, col: 0, cols: 3 }, quiet);
  assert.ok(tile.values.some(Number.isNaN));
  const report = await engine.check({}, quiet);
  assert.deepEqual(report.checks.filter((check) => !check.ok), [], 'what is NaN on both sides of a check does not fail it');
  assert.deepEqual((await run(ids(1, 2, 3))).nan, result.nan, 'and the attention is still shown');
});

const changes: readonly (readonly [how: string, change: (path: string) => void, says: RegExp])[] = [
  ['cut short', (path) => truncateSync(path, 1000), /^The file changed since it was opened \(.*\)\. Reload the model\.$/],
  ['overwritten in place', (path) => writeFileSync(path, new Uint8Array(readFileSync(path).length)), /^The file changed since it was opened/],
  ['replaced by another', (path) => { copyFileSync(path, `${path}.new`); renameSync(`${path}.new`, path); }, /^The file changed since it was opened/],
  ['deleted', (path) => rmSync(path), /^The file is no longer there \(.*\)\. Put it back or open another model\.$/],
];

for (const [how, change, says] of changes) {
  for (const when of ['before the first run', 'between two runs'] as const) {
    test(`a model that is ${how} ${when}: nothing is computed from it, and the sentence says what to do`, async () => {
      const { run, engine, path } = await opened('llama-eager-18');
      const before = when === 'between two runs' ? await run(ids(1, 2, 3)) : undefined;
      change(path);
      assert.match(await refused(run(ids(1, 2, 3)), 'changed'), says);
      const { error } = await engine.check({}, quiet);
      assert.equal(error?.code, 'changed');
      assert.match(await refused(call(() => engine.capture({ prompts: [ids(1)], taps: ['hook_embed'], top: 1, values: false }, quiet)), 'changed'), says);
      // What a view holds of the run before is of the model as it was; more of it is not made.
      if (before) assert.match(await refused(call(() => engine.predictions({ run: before.run, position: 0, top: 3 }, quiet)), 'changed'), says);
      copyFileSync(fixture('llama-eager-18').path, path);
      await engine.open({ path, tokenizer: null }, quiet);
      assert.equal((await run(ids(1, 2, 3))).tokens.length, 3, 'opened again, it runs');
    });
  }
}

test('a run that is cancelled stops between two stages, and the next one runs', async () => {
  const { run, engine } = await opened('gpt2-deep-sdpa-20');
  const whole = await run(ids(1, 2, 3));
  const controller = new AbortController();
  const stages: number[] = [];
  const cancelled = run(ids(1, 2, 3), (body) => {
    if (body.kind !== 'stage') return;
    stages.push(body.stage);
    if (body.stage === 4) controller.abort();
  }, controller.signal);
  await refused(cancelled, 'cancelled');
  assert.deepEqual(stages, [1, 2, 3, 4]);
  assert.deepEqual((await run(ids(1, 2, 3))).predictions, whole.predictions);
  assert.equal((await engine.status({}, quiet)).sessions, 7);
});

test('two runs at once give each its own result', async () => {
  const { run } = await opened('gpt2-sdpa-20');
  const [a, b] = [await run(ids(1, 2, 3)), await run(ids(4, 5, 6, 7))];
  const [c, d] = await Promise.all([run(ids(1, 2, 3)), run(ids(4, 5, 6, 7))]);
  assert.deepEqual([c.predictions, d.predictions], [a.predictions, b.predictions]);
});

test('a few runs are kept, for views that still ask; an older one says to run again', async () => {
  const { run, engine } = await opened('attention-only-sdpa-20');
  const runs: number[] = [];
  for (let index = 0; index < 6; index++) runs.push((await run(ids(1, 2, index))).run);
  assert.equal(new Set(runs).size, 6);
  const { runs: kept } = await engine.status({}, quiet);
  assert.ok(kept >= 2 && kept <= 4, `${kept} runs are kept`);
  const ask = async (id: number): Promise<unknown> => await engine.predictions({ run: id, position: 0, top: 1 }, quiet);
  assert.ok(await ask(runs[5] ?? 0));
  assert.match(await refused(ask(runs[0] ?? 0), 'usage'), /^That run is no longer kept\. Run the prompt again\.$/);
  await engine.release({}, quiet);
  assert.deepEqual([(await engine.status({}, quiet)).sessions, (await engine.status({}, quiet)).runs], [0, 0]);
  assert.equal((await run(ids(1))).tokens.length, 1, 'after a release the next run makes its sessions anew');
});

test('predictions at any position are those of the whole prompt there; positions and counts out of range are brought into it', async () => {
  const { run, engine } = await opened('gpt2-sdpa-20');
  const { run: id, predictions } = await run(ids(5, 6, 7, 8));
  const at = async (position: number, top: number): Promise<unknown> => await engine.predictions({ run: id, position, top }, quiet);
  assert.deepEqual(await at(3, 10), predictions);
  assert.deepEqual(await at(99, 10), predictions);
  const shorter = await run(ids(5, 6));
  const second = await at(1, 10) as RunResult['predictions'];
  assert.deepEqual(second?.top.map((one) => one.id), shorter.predictions?.top.map((one) => one.id), 'a causal model does not look ahead');
  assert.equal((await at(-5, 1000) as RunResult['predictions'])?.top.length, 96);
  assert.equal((await at(0, -3) as RunResult['predictions'])?.top.length, 1);
});

test('tiles are cut to the pattern, whatever is asked for', async () => {
  const { run, engine } = await opened('gpt2-sdpa-20');
  const { run: id } = await run(ids(5, 6, 7, 8));
  const tile = async (head: number, row: number, rows: number, col: number, cols: number): Promise<readonly [number, number, number]> => {
    const made = await engine.patternTile({ run: id, tower: '', attention: 'self', layer: 1, head, row, rows, col, cols }, quiet);
    return [made.rows, made.cols, made.values.length];
  };
  assert.deepEqual(await tile(0, 0, 4, 0, 4), [4, 4, 16]);
  assert.deepEqual(await tile(3, 2, 100, 1, 2), [2, 2, 4]);
  assert.deepEqual(await tile(0, -5, 2, -1, 1), [2, 1, 2]);
  assert.deepEqual(await tile(0, 4, 1, 0, 4), [0, 4, 0]);
  for (const head of [-1, 4, 1e9, NaN, 0.5]) assert.equal((await tile(head, 0, 4, 0, 4))[2], 0, `head ${head}`);
  assert.deepEqual(await tile(0, NaN, Infinity, 0, 1e12), [4, 4, 16]);
  const absent = call(() => engine.patternTile({ run: id, tower: '', attention: 'self', layer: 9, head: 0, row: 0, rows: 1, col: 0, cols: 1 }, quiet));
  assert.match(await refused(absent, 'usage'), /Layer 9 has no attention in this run/);
});

test('without an open model each method says to open one; a failed open leaves none behind', async () => {
  const engine = engineHandlers(settings);
  const says = (ask: () => unknown): Promise<string> => refused(call(ask), 'usage');
  for (const ask of [() => engine.check({}, quiet), () => engine.addresses({}, quiet), () => engine.run({ prompt: ids(1), patterns: true }, quiet), () => engine.tokenize({ prompt: ids(1) }, quiet)]) {
    assert.equal(await says(ask), 'No model is open. Open a model first.');
  }
  assert.equal(await engine.release({}, quiet), null);
  await engine.open({ path: fixture('gpt2-sdpa-20').path, tokenizer: null }, quiet);
  await refused(call(() => engine.open({ path: scratch.write('no.onnx', 'no'), tokenizer: null }, quiet)), 'unreadable');
  assert.equal(await says(() => engine.addresses({}, quiet)), 'No model is open. Open a model first.');
});

test('operators of a domain that is not known, and operator sets of the future: the model opens, and a run says why not', async () => {
  const parts = { nodes: [node('Gather', ['table', 'input_ids'], ['e']), node('Magic', ['e'], ['logits'], {}, 'acme')], weights: tinyAttention().weights?.filter((weight) => weight.name === 'table') ?? [], inputs: [valueInfo('input_ids', INT64, ['batch', 'sequence'])], outputs: [valueInfo('logits', FLOAT, ['batch', 'sequence', 4])] };
  const cases = [[model(parts, { opset: { '': 18, acme: 1 } }), /uses Magic of the domain "acme".*Export the model without custom operators/], [model(tinyAttention(), { opset: { '': 99 } }), /uses operator set 99.*Export the model with opset_version=\d+ or lower/]] as const;
  for (const [proto, says] of cases) {
    const engine = engineHandlers(settings);
    const summary = await engine.open({ path: scratch.write('future.onnx', modelBytes(proto)), tokenizer: null }, quiet);
    assert.equal(summary.runnable, false);
    assert.equal(summary.refused.length >= 1, true);
    const { error } = await engine.check({}, quiet);
    assert.match(error?.what ?? '', says.source.includes('acme') ? /acme/ : /operator set 99/);
    assert.match(await refused(call(() => engine.capture({ prompts: [ids(1)], taps: [], top: 1, values: false }, quiet)), 'refused'), says);
  }
});

test('an operator that the standard set does not have is refused by ONNX Runtime, in a sentence', async () => {
  const tiny = tinyAttention();
  const parts = { ...tiny, nodes: tiny.nodes.map((old) => (old.opType === 'Softmax' ? node('Frobnicate', old.input, old.output) : old)) };
  const { run } = await openedAt(scratch.write('frobnicate.onnx', modelBytes(model(parts))));
  assert.match(await refused(run(ids(1)), 'refused'), /^The model uses an operator that ONNX Runtime does not know\. Export it/);
});
