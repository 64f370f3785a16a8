/** `cogscope run`: what PyTorch computed, in the contract's shapes, from every kind of input. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FilledInput, PositionPredictions, TapResult, TokenInfo } from '../../src/shared/protocol/engineApi.ts';
import { readSafetensors, safetensorsParts } from '../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { FLOAT, floats, model, modelBytes, node, valueInfo } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { tinyAttention } from '../lib/tinyAttention.ts';
import { fixture, fixtures, goldens, maxAbs } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { npyBytes } from './lib/npy.ts';

const TOLERANCE = 5e-5;
const scratch = new Scratch();
const induction = join(import.meta.dirname, '../../examples/induction/induction.onnx');

interface RunJson {
  readonly tokens: readonly (readonly TokenInfo[])[];
  readonly predictions: readonly (readonly PositionPredictions[])[];
  readonly taps: Readonly<Record<string, TapResult>>;
  readonly filled: readonly FilledInput[];
  readonly ms: { readonly open: number; readonly firstLayer: number; readonly run: number };
}

const run = (path: string, ...args: readonly string[]): Promise<RunJson> => json('run', path, ...args) as Promise<RunJson>;

/** A run that writes its tensors; both results. */
async function written(path: string, ...args: readonly string[]): Promise<{ readonly result: RunJson; readonly tensors: ReadonlyMap<string, Tensor> }> {
  const out = scratch.path(`${Math.random().toString(36).slice(2)}.safetensors`);
  const result = await run(path, ...args, '--out', out);
  return { result, tensors: readSafetensors(readFileSync(out)) };
}

function tensorOf(tensors: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const tensor = tensors.get(name);
  assert.ok(tensor, `the file has ${name}; it has ${[...tensors.keys()].join(', ')}`);
  return tensor;
}

/** The goldens' inputs as --input options, from .npy files of NumPy's int64. */
function npyOptions(style: string): readonly string[] {
  return [...goldens(style)].filter(([key]) => key.startsWith('input.')).flatMap(([key, { dims, data }]) => {
    const name = key.slice('input.'.length);
    return ['--input', `${name}=${scratch.write(`${style}-${name}.npy`, npyBytes(data, { descr: '<i8', shape: dims }))}`];
  });
}

function compare(tensors: ReadonlyMap<string, Tensor>, style: string): number {
  const expected = [...goldens(style)].filter(([key]) => key.startsWith('blocks.') || key === 'logits');
  for (const [address, golden] of expected) {
    const tensor = tensorOf(tensors, address);
    assert.equal(tensor.type, 'float32');
    assert.deepEqual(tensor.dims, golden.dims, `shape of ${address}`);
    const difference = maxAbs(toFloat32(tensor), toFloat32(golden));
    assert.ok(difference < TOLERANCE, `${address} differs by ${difference}`);
  }
  return expected.length;
}

for (const { name, path, meta } of fixtures) {
  test(`${name}: logits and every tap of a batch from .npy files are PyTorch's`, async () => {
    const { result, tensors } = await written(path, ...npyOptions(meta.style), '--tap', '**', '--top', '3');
    assert.ok(compare(tensors, meta.style) > 5, 'there is something to compare');
    const golden = goldens(meta.style);
    const ids = golden.get('input.input_ids');
    const logits = golden.get('logits');
    assert.ok(ids && logits);
    const [rows = 0, length = 0] = ids.dims;
    assert.deepEqual(result.tokens.map((row) => row.map((token) => token.id)), Array.from({ length: rows }, (_, row) => Array.from(ids.data.subarray(row * length, (row + 1) * length), Number)));
    assert.deepEqual(result.predictions.map((row) => row.map(({ position }) => position)), Array.from({ length: rows }, () => Array.from({ length }, (_, position) => position)));
    checkPredictions(result, logits);
    assert.deepEqual(result.filled, [], 'nothing was left to fill');
  });
}

/** The top three are the largest of PyTorch's logits, with their softmax. */
function checkPredictions({ predictions }: RunJson, logits: Tensor): void {
  const vocab = logits.dims.at(-1) ?? 0;
  const all = toFloat32(logits);
  predictions.flat().forEach(({ top, position }, index) => {
    const row = [...all.subarray(index * vocab, (index + 1) * vocab)];
    const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
    const best = row.map((logit, id) => ({ logit, id })).sort((a, b) => b.logit - a.logit).slice(0, 3);
    top.forEach(({ logit, probability, id }, rank) => {
      assert.ok(Math.abs(logit - (best[rank]?.logit ?? NaN)) < TOLERANCE, `logit ${rank} at ${position}`);
      assert.ok(Math.abs(logit - (row[id] ?? NaN)) < TOLERANCE, `the id of logit ${rank} at ${position}`);
      assert.ok(Math.abs(probability - Math.exp(row[id] ?? NaN) / sum) < 1e-4, `probability ${rank} at ${position}`);
    });
  });
}

for (const name of ['gpt2-sdpa-20', 'llama-eager-18', 'attention-only-sdpa-20']) {
  test(`${name}: --ids of the first row, which no mask shortens, gives PyTorch's logits and says what was filled`, async () => {
    const { path, meta } = fixture(name);
    const golden = goldens(meta.style);
    const [ids, logits] = [golden.get('input.input_ids'), golden.get('logits')];
    assert.ok(ids && logits);
    const length = ids.dims[1] ?? 0;
    const { result, tensors } = await written(path, '--ids', Array.from(ids.data.subarray(0, length), String).join());
    const own = tensorOf(tensors, 'logits');
    assert.deepEqual(own.dims, [1, length, logits.dims[2]]);
    assert.ok(maxAbs(toFloat32(own), toFloat32(logits).subarray(0, own.data.length)) < TOLERANCE);
    const hasMask = golden.has('input.attention_mask');
    assert.deepEqual(result.filled.map((input) => [input.name, input.role, input.filledWith]), hasMask ? [['attention_mask', 'mask', '1 for every token']] : []);
  });
}

test('inputs from a .safetensors file are taken by their key, and fill the rest by role for every row', async () => {
  const { path, meta } = fixture('bert-sdpa-20');
  const golden = goldens(meta.style);
  const tensors = new Map(['input_ids', 'attention_mask', 'token_type_ids'].map((name) => {
    const tensor = golden.get(`input.${name}`);
    assert.ok(tensor);
    return [name, { shape: tensor.dims, data: toFloat32(tensor) }];
  }));
  const file = scratch.write('inputs.safetensors', Buffer.concat(safetensorsParts(tensors)));
  const given = ['input_ids', 'attention_mask', 'token_type_ids'].flatMap((name) => ['--input', `${name}=${file}`]);
  const whole = await written(path, ...given, '--tap', '**');
  compare(whole.tensors, meta.style);
  const filled = await run(path, ...given.slice(0, 4));
  assert.equal(filled.tokens.length, 2);
  assert.deepEqual(filled.filled.map((input) => [input.name, input.filledWith]), [['token_type_ids', '0 for every token']]);
  const missing = await cogscope('run', path, '--input', `position_ids=${file}`);
  assert.equal(missing.code, 2, 'a name that is no input');
});

test('several prompts of one length are stacked on the batch axis, each as it is alone', async () => {
  const { path } = fixture('gpt2-eager-18');
  const taps = ['--tap', 'blocks.*.attn.hook_pattern', 'L1H2', 'hook_pos_embed'];
  const [both, first, second] = await Promise.all([
    written(path, '--ids', '5,6,7,8', '--ids', '9,1,2,3', ...taps), written(path, '--ids', '5,6,7,8', ...taps), written(path, '--ids', '9,1,2,3', ...taps),
  ]);
  for (const name of ['logits', 'blocks.0.attn.hook_pattern', 'blocks.2.attn.hook_pattern', 'L1H2', 'hook_pos_embed']) {
    const tensor = tensorOf(both.tensors, name);
    const alone = [first, second].map((one) => tensorOf(one.tensors, name));
    assert.equal(tensor.dims[0], 2, name);
    assert.deepEqual(tensor.dims.slice(1), alone[0]?.dims.slice(1), name);
    assert.deepEqual([...toFloat32(tensor)], alone.flatMap((one) => [...toFloat32(one)]), name);
  }
  assert.deepEqual(both.result.tokens, [...first.result.tokens, ...second.result.tokens]);
  assert.deepEqual(both.result.predictions, [...first.result.predictions, ...second.result.predictions]);
});

test('prompts of different lengths run where no array is asked for', async () => {
  const { tokens, predictions } = await run(fixture('llama-sdpa-20').path, '--ids', '1,2,3', '--ids', '4');
  assert.deepEqual(tokens.map((row) => row.length), [3, 1]);
  assert.deepEqual(predictions.map((row) => row.map(({ position }) => position)), [[0, 1, 2], [0]]);
});

test('a mask with a row for each prompt is dealt out to them', async () => {
  const { path } = fixture('gpt2-eager-18');
  const mask = scratch.write('two-rows.npy', npyBytes(Float64Array.of(1, 1, 1, 1, 0, 1), { descr: '<f8', shape: [2, 3] }));
  const both = await written(path, '--ids', '5,6,7', '--ids', '5,6,7', '--input', `attention_mask=${mask}`, '--tap', 'L0.pattern');
  const pattern = toFloat32(tensorOf(both.tensors, 'L0.pattern'));
  assert.ok((pattern[2 * 3 + 1] ?? 0) > 0, 'the first prompt attends to its second token');
  assert.equal(pattern[4 * 9 + 2 * 3 + 1], 0, 'the second does not');
  const single = await cogscope('run', path, '--ids', '5,6,7', '--input', `attention_mask=${mask}`);
  assert.equal(single.code, 2);
  assert.match(single.stderr, /^cogscope: Input "attention_mask" has 2 rows for one prompt\. Give one row a prompt/);
});

test('an input of the wrong length, shape or type is wrong use and says what the model takes', async () => {
  const { path } = fixture('gpt2-eager-18');
  const files = {
    long: npyBytes(BigInt64Array.of(1n, 1n, 1n, 1n), { descr: '<i8', shape: [1, 4] }),
    cube: npyBytes(BigInt64Array.of(1n, 1n, 1n), { descr: '<i8', shape: [1, 1, 1, 3] }),
    half: npyBytes(Float32Array.of(1, 0.5, 1), { descr: '<f4', shape: [3] }),
  };
  const says = {
    long: /Input "attention_mask" has 4 values for 3 tokens\. Give one value a token/,
    cube: /Input "attention_mask" takes \[batch, sequence\] and the file has \[1, 1, 1, 3\] \(.*\)\. Give an array of that shape/,
    half: /Input "attention_mask" takes int64 and the file has float32 values that are none \(.*\)\. Convert the array to int64/,
  };
  for (const name of ['long', 'cube', 'half'] as const) {
    const { code, stderr } = await cogscope('run', path, '--ids', '1,2,3', '--input', `attention_mask=${scratch.write(`${name}.npy`, files[name])}`);
    assert.equal(code, 2, name);
    assert.match(stderr, says[name]);
  }
});

test('short forms are parts of the whole tensors, under the names that were asked for', async () => {
  const { path } = fixture('llama-eager-18');
  const asked = ['L1H2', 'L1H2@-1', 'L0N7', 'L0N7@3', 'L0.resid_post', 'L1.pattern@2', 'blocks.*.hook_resid_mid@1'];
  const { result, tensors } = await written(path, '--ids', '3,1,4,1,5', '--tap', ...asked, 'blocks.1.attn.hook_z', 'blocks.0.mlp.hook_post', 'blocks.0.hook_resid_post', 'blocks.1.attn.hook_pattern', 'blocks.1.hook_resid_mid');
  const [pos, heads, dHead, dMlp] = [5, 4, 8, 80];
  const whole = (name: string): Float32Array => toFloat32(tensorOf(tensors, name));
  const expected: Readonly<Record<string, { readonly dims: readonly number[]; readonly values: readonly number[] }>> = {
    'L1H2': { dims: [1, pos, dHead], values: [...whole('blocks.1.attn.hook_z')].filter((_, index) => Math.floor(index / dHead) % heads === 2) },
    'L1H2@-1': { dims: [1, dHead], values: [...whole('blocks.1.attn.hook_z')].slice((4 * heads + 2) * dHead, (4 * heads + 3) * dHead) },
    'L0N7': { dims: [1, pos], values: [...whole('blocks.0.mlp.hook_post')].filter((_, index) => index % dMlp === 7) },
    'L0N7@3': { dims: [1], values: [...whole('blocks.0.mlp.hook_post')].slice(3 * dMlp + 7, 3 * dMlp + 8) },
    'L0.resid_post': { dims: [1, pos, 32], values: [...whole('blocks.0.hook_resid_post')] },
    'L1.pattern@2': { dims: [1, heads, pos], values: [...whole('blocks.1.attn.hook_pattern')].filter((_, index) => Math.floor(index / pos) % pos === 2) },
    'blocks.1.hook_resid_mid@1': { dims: [1, 32], values: [...whole('blocks.1.hook_resid_mid')].slice(32, 64) },
  };
  for (const [name, { dims, values }] of Object.entries(expected)) {
    const tensor = tensorOf(tensors, name);
    assert.deepEqual(tensor.dims, dims, name);
    assert.deepEqual([...toFloat32(tensor)], values, name);
  }
  assert.ok(tensors.has('blocks.0.hook_resid_mid@1'), 'the glob found the other layer too');
  for (const [name, { shape, min, max, mean, norm, nan }] of Object.entries(result.taps)) {
    const values = [...whole(name)];
    assert.deepEqual(shape, tensorOf(tensors, name).dims, name);
    assert.deepEqual([min, max, nan], [Math.min(...values), Math.max(...values), 0], name);
    assert.ok(Math.abs(mean - values.reduce((sum, value) => sum + value, 0) / values.length) < 1e-9, `mean of ${name}`);
    assert.ok(Math.abs(norm - Math.hypot(...values)) < 1e-6, `norm of ${name}`);
  }
  assert.deepEqual([...tensors.keys()].sort(), [...Object.keys(result.taps), 'logits'].sort());
});

test('text is tokenised with the special tokens of the tokenizer, and without them where that is asked for', async () => {
  const [plain, without] = await Promise.all([run(induction, '--prompt', 'apple river', '--top', '1'), run(induction, '--prompt', 'apple river', '--no-special-tokens', '--top', '1')]);
  const brief = ({ tokens }: RunJson): unknown => tokens.map((row) => row.map(({ text, start, end, special }) => [text, start, end, special]));
  assert.deepEqual(brief(plain), [[['<bos>', 0, 0, true], ['apple', 0, 5, false], ['river', 6, 11, false]]]);
  assert.deepEqual(brief(without), [[['apple', 0, 5, false], ['river', 6, 11, false]]]);
  const repeated = await run(induction, '--prompt', 'apple river king moon apple river', '--top', '1');
  assert.equal(repeated.predictions[0]?.at(-1)?.top[0]?.text, 'king', 'and the induction example goes on as it did before');
});

test('the tokenizer is the one that is named', async () => {
  const other = JSON.parse(readFileSync(join(import.meta.dirname, '../../examples/induction/tokenizer.json'), 'utf8')) as { readonly model: { readonly vocab: Record<string, number> } };
  const { apple = 0, river = 0 } = other.model.vocab;
  Object.assign(other.model.vocab, { apple: river, river: apple });
  const swapped = scratch.write('swapped.json', JSON.stringify(other));
  const { tokens } = await run(induction, '--prompt', 'apple', '--no-special-tokens', '--tokenizer', swapped);
  assert.deepEqual(tokens.map((row) => row.map(({ id }) => id)), [[river]]);
});

test('for a person: the tokens with their spaces, the most probable at the last position, the taps, what was filled; --quiet keeps stderr empty', async () => {
  const { path } = fixture('gpt2-eager-18');
  const loud = await cogscope('run', path, '--ids', '1,2,3', '--top', '2', '--tap', 'L0H1');
  assert.equal(loud.code, 0);
  assert.equal(loud.stderr, 'cogscope: attention_mask not given: 1 for every token\n');
  assert.match(loud.stdout, /^Prompt: 3 tokens\n {2}0:1 1:2 2:3\n\nMost probable at position 2 \("3"\)\n {2}probability +logit +id +token\n( +0\.\d{4} +\S+ +\d+ +\d+\n){2}\nTaps\naddress +shape +min +max +mean +norm\nL0H1 +1×3×8 /);
  const quiet = await cogscope('run', path, '--ids', '1,2,3', '--quiet');
  assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
  const spaced = await cogscope('run', induction, '--prompt', 'apple river', '--quiet');
  assert.match(spaced.stdout, /0:<bos> 1:apple 2:river/);
});

test('a model that takes no tokens runs on its inputs alone', async () => {
  const parts = { nodes: [node('MatMul', ['x', 'w'], ['y'])], weights: [floats('w', [2, 2], [1, 2, 3, 4])], inputs: [valueInfo('x', FLOAT, ['n', 2])], outputs: [valueInfo('y', FLOAT, ['n', 2])] };
  const path = scratch.write('linear.onnx', modelBytes(model(parts)));
  const x = scratch.write('x.npy', npyBytes(Float32Array.of(1, 1), { descr: '<f4', shape: [1, 2] }));
  const result = await run(path, '--input', `x=${x}`);
  assert.deepEqual([result.tokens, result.predictions, result.taps], [[], [], {}]);
  assert.equal((await cogscope('run', path, '--ids', '1')).code, 2);
});

test('an input that nothing fills is taken from its file', async () => {
  const tiny = tinyAttention();
  const parts = {
    ...tiny,
    nodes: [...tiny.nodes.slice(0, -1), node('Add', ['final', 'speaker'], ['shifted']), node('MatMul', ['shifted', 'unembed'], ['logits'])],
    inputs: [...(tiny.inputs ?? []), valueInfo('speaker', FLOAT, [1, 4])],
  };
  const path = scratch.write('speaker.onnx', modelBytes(model(parts)));
  const asked = await cogscope('run', path, '--ids', '1,2');
  assert.deepEqual([asked.code, /Give it with --input speaker=FILE/.test(asked.stderr)], [2, true], asked.stderr);
  const file = (values: readonly number[]): string => `speaker=${scratch.write(`speaker-${values[0]}.npy`, npyBytes(Float32Array.from(values), { descr: '<f4', shape: [4] }))}`;
  const [none, some] = [await run(path, '--ids', '1,2', '--input', file([0, 0, 0, 0])), await run(path, '--ids', '1,2', '--input', file([9, 9, 9, 9]))];
  assert.notDeepEqual(none.predictions, some.predictions);
});

test('--continue adds tokens: each the best one behind those before it, in text and JSON', async () => {
  const args = ['run', induction, '--prompt', 'cat dog cat', '--continue', '3', '--top', '1'] as const;
  const { tokens: [tokens = []], predictions: [predictions = []], continued } = await json(...args) as RunJson & { readonly continued: readonly { readonly from: number; readonly way: string }[] };
  const best = predictions.map((one) => one.top[0]?.id);
  assert.deepEqual(tokens.slice(4).map((token) => token.id), best.slice(3, 6));
  assert.deepEqual(continued.map(({ from, way }) => ({ from, way })), [{ from: 4, way: 'whole' }]);
  const { stdout, stderr } = await cogscope(...args);
  assert.match(stdout, /Continued by 3 tokens\n {2}dogcatdog\n/);
  assert.match(stderr, /running the whole text for each token: the model takes no past keys and values/);
});
