/** What is exported is what the index shows, and activations are those of an untouched session. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import type { NeuronFigures } from '../../src/shared/neurons/figures.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { linesOf } from './lib/neuronIndex.ts';
import { UntouchedRows } from './lib/untouchedRows.ts';

const scratch = new Scratch();
const folder = join(fixtureFolder, 'planted');
const model = join(folder, 'model.onnx');
const db = scratch.path('planted.db');

before(async () => {
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', db);
  assert.equal(code, 0, stderr);
});

/** All but the similar neurons, which are told from the model's weights besides. */
async function figuresShown(address: string): Promise<object> {
  const shown = await json('neurons', 'show', model, address, '--db', db) as NeuronFigures & { readonly similar: unknown };
  return Object.fromEntries(Object.entries(shown).filter(([key]) => key !== 'similar'));
}

test('as JSON: every neuron and head as it is shown, without the model', async () => {
  const out = scratch.path('index.json');
  await json('neurons', 'export', '--db', db, '--out', out);
  const exported = JSON.parse(readFileSync(out, 'utf8')) as { readonly tokens: number; readonly neurons: readonly (NeuronFigures & { readonly layer: number; readonly neuron: number })[]; readonly heads: readonly unknown[] };
  assert.equal(exported.neurons.length, 12);
  assert.equal(exported.heads.length, 2);
  for (const address of ['L0N0', 'L0N7']) {
    const shown = await figuresShown(address);
    const { layer, neuron, ...own } = exported.neurons.find((one) => one.address === address) ?? assert.fail(`${address} is missing`);
    assert.equal(`L${layer}N${neuron}`, address);
    assert.deepEqual(own, shown);
  }
});

test('as Parquet: a row a neuron, read back by another program', async () => {
  const out = scratch.path('index.parquet');
  await json('neurons', 'export', '--db', db, '--out', out);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(out) });
  assert.equal(rows.length, 12);
  for (const address of ['L0N1', 'L0N11']) {
    const shown = await figuresShown(address);
    const row: Readonly<Record<string, unknown>> = rows.find((one) => one['address'] === address) ?? assert.fail(`${address} is missing`);
    const { firing_rate, mean, max, dead, dense, meanings, sure, examples, readings, output_tokens, histogram, described, layer, neuron } = row;
    assert.equal(`L${String(layer)}N${String(neuron)}`, address);
    assert.deepEqual(
      { firingRate: firing_rate, mean, max, dead, dense, meanings, sure, examples, readings, outputTokens: output_tokens, histogram, described },
      Object.fromEntries(Object.entries(shown).filter(([key]) => !['address', 'tokens', 'finished'].includes(key))), address,
    );
  }
});

test('activations as safetensors: every token of the text, as an untouched session has them', async () => {
  const out = scratch.path('some.safetensors');
  const { tokens } = await json('neurons', 'export', model, 'L0N1', 'L0N9', '--db', db, '--out', out) as { readonly tokens: number };
  const arrays = readSafetensors(readFileSync(out));
  const untouched = await UntouchedRows.open(model);
  let at = 0;
  for (const { id, ids } of linesOf(db)) {
    const { post } = await untouched.run(ids, 0);
    for (const [position, token] of ids.entries()) {
      const where = `row ${id}, position ${position}`;
      assert.deepEqual(['ids', 'row', 'position'].map((name) => Number(arrays.get(name)?.data[at])), [token, id, position], where);
      for (const neuron of [1, 9]) assert.ok(Math.abs(Number(arrays.get(`L0N${neuron}`)?.data[at]) - (post[position * 12 + neuron] ?? NaN)) < 2e-5, `L0N${neuron} at ${where}`);
      at++;
    }
  }
  assert.equal(at, tokens);
});

test('what cannot be written is refused before anything is done', async () => {
  for (const [words, said] of [
    [['--out', scratch.path('index.xls')], /not exported as ".xls"/], [['--out', scratch.path('no/index.json')], /folder does not exist/],
    [[model, 'L0N0', '--out', scratch.path('a.json')], /written as safetensors/], [[model, '--out', scratch.path('a.json')], /one word too many/], [[], /No file to write/],
  ] as const) {
    const { code, stderr } = await cogscope('neurons', 'export', ...words, '--db', db);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
  assert.ok(!existsSync(scratch.path('a.json')));
});
