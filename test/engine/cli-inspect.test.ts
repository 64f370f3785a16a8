/** `cogscope inspect`: the figures of PyTorch's configuration, in the contract's shape and for a person. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import type { SymbolAddress } from '../../src/shared/protocol/engineApi.ts';
import type { CheckResult, ModelSummary } from '../../src/shared/summary.ts';
import { floats, model as modelOf, modelBytes, node } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { around, attentionNodes, mlpNodes, tinyAttention } from '../lib/tinyAttention.ts';
import { fixture, fixtures, goldens } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';

interface InspectJson extends Omit<ModelSummary, 'ms'> {
  readonly checks: readonly CheckResult[];
  readonly addresses?: readonly SymbolAddress[];
  readonly ms: { readonly read: number; readonly anatomy: number; readonly check: number | null };
}

const scratch = new Scratch();

const inspect = (path: string, ...args: readonly string[]): Promise<InspectJson> => json('inspect', path, ...args) as Promise<InspectJson>;

for (const { name, path, meta } of fixtures) {
  test(`${name}: inspect --check --json tells PyTorch's configuration, and every check holds with its number`, async () => {
    const { model, inputs, outputs, towers, checks, refused, sourceLines, ms } = await inspect(path, '--check');
    const tower = towers[0] as unknown as Readonly<Record<string, unknown>>;
    assert.equal(towers.length, 1);
    assert.deepEqual(Object.fromEntries(Object.keys(meta.tower).map((key) => [key, tower[key]])), meta.tower);
    assert.equal(tower['name'], '');
    assert.deepEqual([model.path, model.bytes, model.externalBytes], [path, statSync(path).size, 0]);
    assert.equal(model.opset[''], Number(name.split('-').at(-1)));
    assert.match(model.producer, /pytorch/i);
    assert.ok(model.parameters > 1000);
    const given = [...goldens(meta.style).keys()].filter((key) => key.startsWith('input.')).map((key) => key.slice('input.'.length));
    assert.deepEqual(inputs.map((input) => input.name).sort(), given.sort());
    for (const input of inputs) assert.equal(input.shape.length, 2, input.name);
    assert.deepEqual(outputs.map(({ name: output, type }) => [output, type]), [['logits', 'float32']]);
    assert.ok(checks.length > 0);
    for (const check of checks) {
      assert.ok(check.ok && check.maxAbs <= check.tolerance && check.maxAbs >= 0, `${check.name} at ${check.address}: ${check.maxAbs}`);
      assert.match(check.address, /^(blocks\.\d+|logits)$/);
    }
    assert.ok(checks.some((check) => check.name === 'pattern x v = z'));
    assert.deepEqual(refused, []);
    assert.ok(sourceLines.withSource > 0 && sourceLines.withSource <= sourceLines.nodes && sourceLines.files.length > 0);
    for (const value of [ms.read, ms.anatomy, ms.check]) assert.ok(typeof value === 'number' && value > 0);
  });
}

test('without --check nothing runs and nothing is checked', async () => {
  const { checks, ms } = await inspect(fixture('gpt2-eager-18').path);
  assert.deepEqual([checks, ms.check], [[], null]);
});

test('--addresses lists every address that PyTorch has a value for', async () => {
  for (const name of ['gpt2-sdpa-20', 'bert-eager-18', 'llama-sdpa-20', 'attention-only-eager-18']) {
    const { path, meta } = fixture(name);
    const { addresses = [] } = await inspect(path, '--addresses');
    const listed = new Set(addresses.map((one) => one.address));
    for (const key of goldens(meta.style).keys()) if (key.startsWith('blocks.')) assert.ok(listed.has(key), `${name} lists ${key}`);
  }
});

test('for a person: what it is, its anatomy, the checks with their numbers and the lines that made it, in 80 columns and on stdout alone', async () => {
  const { code, stdout, stderr } = await cogscope('inspect', fixture('llama-sdpa-20').path, '--check');
  assert.deepEqual([code, stderr], [0, '']);
  for (const expected of [
    /^Decoder of 2 layers$/m, /width 32 · vocabulary 96/, /norm before each half · rotary positions · causal/, /^ {2}0 to 1 +4 +2 +8 +80 {2}silu, gated$/m,
    /^ {2}input_ids +int64 +\[batch, sequence\] +token ids$/m, /^ {2}logits +float32 +\[batch, sequence, 96\]$/m,
    /^Checks on a small run: all \d+ hold$/m, /^ {2}ok +pattern x v = z +2 layers +\d\.\d\de-\d +\S+$/m, /^ {4}attention +modeling_llama\.py:\d+ /m, /^No tokenizer beside the model/m,
  ]) assert.match(stdout, expected);
  const [path, ...lines] = stdout.split('\n');
  assert.equal(path, fixture('llama-sdpa-20').path);
  for (const line of lines) assert.ok(line.length <= 80 && line === line.trimEnd(), `80 columns, no trailing spaces: ${line}`);
});

test('a check that does not hold is shown with its layer and ends the command with 1', async () => {
  const attention = attentionNodes('embedded', 'attn');
  const mlp = mlpNodes('mid', 'mlp', 'm.');
  // Twice a relu reads like a relu.
  const doubled = mlp.nodes.flatMap((one) => (one.opType === 'Relu' ? [node('Relu', one.input, ['half']), node('Add', ['half', 'half'], one.output)] : [one]));
  const nodes = [...attention.nodes, node('Add', ['embedded', 'attn'], ['mid']), ...doubled, node('Add', ['mid', 'mlp'], ['final'])];
  const path = scratch.write('doubled.onnx', modelBytes(modelOf(around({ nodes, weights: [...attention.weights, ...mlp.weights] }))));
  const checked = await cogscope('inspect', path, '--check');
  assert.equal(checked.code, 1, checked.stderr);
  assert.match(checked.stdout, /^Checks on a small run: \d of \d do not hold$/m);
  assert.match(checked.stdout, /^ {2}FAILED +relu\(mlp_pre\) = mlp_post +blocks\.0 +\d/m);
});

test('NaN in a run is named, and does not make a check fail that holds', async () => {
  const tiny = tinyAttention();
  const values = floats('a.wv', [4, 4], [NaN, ...Array.from({ length: 15 }, () => 1)]);
  const path = scratch.write('nan.onnx', modelBytes(modelOf({ ...tiny, weights: [...(tiny.weights ?? []).filter((weight) => weight.name !== 'a.wv'), values] })));
  const checked = await cogscope('inspect', path, '--check');
  assert.equal(checked.code, 0, checked.stderr);
  const { code, stdout, stderr } = await cogscope('run', path, '--ids', '1,2,3', '--tap', 'L0.z', 'L0.pattern', '--json');
  assert.equal(code, 0, stderr);
  assert.equal(stderr, 'cogscope: L0.z holds 3 NaN\ncogscope: The logits hold NaN\n');
  const { taps, predictions } = JSON.parse(stdout) as {
    readonly taps: Readonly<Record<string, { readonly nan: number; readonly max: number }>>; readonly predictions: readonly (readonly { readonly top: readonly unknown[]; readonly nan: boolean }[])[];
  };
  assert.deepEqual([taps['L0.z']?.nan, taps['L0.pattern']?.nan], [3, 0]);
  assert.ok(Number.isFinite(taps['L0.z']?.max), 'what is no NaN keeps its statistics');
  assert.ok(predictions.flat().every(({ top, nan }) => nan && top.length === 0), 'no prediction is made of NaN');
});
