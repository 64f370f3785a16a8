/** What others say of neurons: imported whole or not at all, and shown beside our readings, as theirs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { NeuronFigures } from '../../src/shared/neurons/figures.ts';
import type { NeuronSearchResult } from '../../src/shared/neurons/search.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { contentOf } from './lib/neuronIndex.ts';

const scratch = new Scratch();
const folder = join(fixtureFolder, 'planted');
const model = join(folder, 'model.onnx');
const db = scratch.path('planted.db');
const list = (name: string, value: unknown): string => scratch.write(name, JSON.stringify(value));
const figures = async (address: string): Promise<NeuronFigures> => await json('neurons', 'show', model, address, '--db', db) as NeuronFigures;

const theirs = list('theirs.json', [
  { address: 'L0N0', description: 'Quotation marks of all kinds', score: 0.9 }, { layer: 0, neuron: 1, description: 'trees, and words for paying', source: 'gpt-4' },
]);

before(async () => {
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', db);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await json('neurons', 'import', theirs, '--db', db), { neurons: 2, descriptions: 2, sources: ['theirs.json', 'gpt-4'], replaced: 0 });
});

test('a neuron is shown with what others say of it, who says so and their score, beside its readings', async () => {
  const { described, readings } = await figures('L0N0');
  assert.deepEqual(described, [{ text: 'Quotation marks of all kinds', source: 'theirs.json', score: 0.9 }]);
  assert.ok(readings.length > 0);
  assert.deepEqual((await figures('L0N5')).described, []);
  const { stdout } = await cogscope('neurons', 'show', model, 'L0N0', '--db', db);
  assert.match(stdout, /Described by others, imported\n {2}theirs\.json {2}0\.9000 {2}Quotation marks of all kinds\n/);
});

test('neurons are found by words of a description, in any case of letters', async () => {
  const found = await json('neurons', 'search', model, '--db', db, '--described', 'TREES') as NeuronSearchResult;
  assert.deepEqual(found.found.map(({ address, described }) => [address, described]), [['L0N1', { text: 'trees, and words for paying', source: 'gpt-4', score: null }]]);
  const both = await json('neurons', 'search', model, '--db', db, '--described', 'words', '--token', '7') as NeuronSearchResult;
  assert.equal(both.of, 0, 'everything that is given must hold');
});

test('exports have the descriptions', async () => {
  const [asJson, asParquet] = [scratch.path('index.json'), scratch.path('index.parquet')];
  for (const out of [asJson, asParquet]) await json('neurons', 'export', '--db', db, '--out', out);
  const { neurons } = JSON.parse(readFileSync(asJson, 'utf8')) as { readonly neurons: readonly NeuronFigures[] };
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(asParquet) });
  for (const address of ['L0N0', 'L0N1', 'L0N5']) {
    const { described } = await figures(address);
    assert.deepEqual(neurons.find((one) => one.address === address)?.described, described, address);
    assert.deepEqual(rows.find((one) => one['address'] === address)?.['described'], described, address);
  }
});

test('a list that is imported again takes the place of what its source said before, and of nothing else', async () => {
  const again = list('theirs.json', [{ address: 'L0N3', description: 'something else' }]);
  assert.deepEqual(await json('neurons', 'import', again, '--db', db), { neurons: 1, descriptions: 1, sources: ['theirs.json'], replaced: 1 });
  assert.deepEqual((await figures('L0N0')).described, []);
  assert.deepEqual((await figures('L0N1')).described.map(({ source }) => source), ['gpt-4']);
  assert.deepEqual((await figures('L0N3')).described.map(({ text }) => text), ['something else']);
});

test('a list that cannot be taken is refused in a sentence, and the index stays as it was', async () => {
  const kept = contentOf(db);
  const good = { address: 'L0N2', description: 'digits' };
  for (const [path, exit, said] of [
    [scratch.write('prose.json', 'L0N0 fires on quotation marks'), 3, /is no JSON/], [list('empty.json', []), 3, /no description of a neuron/], [scratch.path('gone.json'), 3, /cannot be opened/],
    [list('layer.json', [good, { address: 'L5N0', description: 'a' }]), 2, /Entry 2 of the list is of layer 5, of which the index has no neurons/],
    [list('neuron.json', [good, { address: 'L0N12', description: 'a' }]), 2, /Entry 2 of the list is of L0N12, and layer 0 has 12 neurons/],
    [list('twice.json', [good, good]), 3, /L0N2 is described twice by “twice\.json”, in entries 1 and 2/],
  ] as const) {
    const { code, stderr, stdout } = await cogscope('neurons', 'import', path, '--db', db);
    assert.equal(code, exit, stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split('\n').length, 1, `one sentence: ${stderr}`);
    assert.equal(stdout, '');
  }
  assert.deepEqual(contentOf(db), kept);
  const { code, stderr } = await cogscope('neurons', 'import', theirs, '--db', scratch.path('none.db'));
  assert.equal(code, 3, stderr);
  assert.match(stderr, /There is no index/);
});
