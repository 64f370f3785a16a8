/** What others say of neurons: imported whole or not at all, and shown beside our readings, as theirs. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, test } from 'node:test';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { WriterLock } from '../../src/engine/neurons/store/lock.ts';
import { UNITS } from '../../src/engine/neurons/store/schema.ts';
import type { NeuronIndexResult } from '../../src/shared/neurons/build.ts';
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

/** A file of a size, without the bytes of it. */
function sparse(name: string, size: number): string {
  const path = scratch.write(name, '');
  truncateSync(path, size);
  return path;
}

test('a list of a hundred megabytes is read to its end before anything of it is taken', async () => {
  const kept = contentOf(db);
  const entries = Array.from({ length: 10_000 }, (_, at) => ({ address: 'L0N2', description: 'a'.repeat(9960), source: `source ${at}` }));
  const path = list('long.json', [...entries, { address: 'L0N2', description: 'b', source: 'source 7' }]);
  assert.ok(statSync(path).size > 100e6);
  const { code, stderr, stdout } = await cogscope('neurons', 'import', path, '--db', db);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^cogscope: L0N2 is described twice by “source 7”, in entries 8 and 10001[^\n]*\n$/);
  assert.equal(stdout, '');
  assert.deepEqual(contentOf(db), kept);
  rmSync(path);
});

test('a list that cannot be taken is refused in a sentence, and the index stays as it was', async () => {
  const kept = contentOf(db);
  const good = { address: 'L0N2', description: 'digits' };
  for (const [path, exit, said] of [
    [scratch.write('prose.json', 'L0N0 fires on quotation marks'), 3, /is no JSON/], [list('empty.json', []), 3, /no description of a neuron/], [scratch.path('gone.json'), 3, /cannot be opened/],
    [list('layer.json', [good, { address: 'L5N0', description: 'a' }]), 2, /Entry 2 of the list is of layer 5, of which the index has no neurons/],
    [list('neuron.json', [good, { address: 'L0N12', description: 'a' }]), 2, /Entry 2 of the list is of L0N12, and layer 0 has 12 neurons/],
    [list('twice.json', [good, good]), 3, /L0N2 is described twice by “twice\.json”, in entries 1 and 2/],
    [list('types.json', [good, { address: 'L0N3', description: 3 }]), 3, /Entry 2 of the list has no description/],
    [scratch.write('latin.json', Buffer.from('[{"address": "L0N2", "description": "Müll"}]', 'latin1')), 3, /not in UTF-8/],
    [scratch.write('binary.json', Uint8Array.from([0x53, 0x51, 0x4c, 0, 1, 2])), 3, /binary file and no text/],
    [sparse('huge.json', 150e6), 4, /The list of descriptions has 150 MB, and 134 MB are read at most/],
  ] as const) {
    const { code, stderr, stdout } = await cogscope('neurons', 'import', path, '--db', db);
    assert.equal(code, exit, stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split('\n').length, 1, `one sentence: ${stderr}`);
    assert.equal(stdout, '');
  }
  assert.deepEqual(contentOf(db), kept);
  const lock = await WriterLock.take(db);
  const held = await cogscope('neurons', 'import', theirs, '--db', db);
  lock.release();
  assert.equal(held.code, 4, held.stderr);
  assert.match(held.stderr, /^cogscope: Another window or command is making this index[^\n]*\n$/);
  const { code, stderr } = await cogscope('neurons', 'import', theirs, '--db', scratch.path('none.db'));
  assert.equal(code, 3, stderr);
  assert.match(stderr, /There is no index/);
});

/** An index of its own, with three descriptions; `more` neurons are described as in the index of a larger model. */
async function described(name: string, more: readonly number[] = []): Promise<string> {
  const own = scratch.path(name);
  assert.equal((await cogscope('neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', own, '--quiet')).code, 0);
  await json('neurons', 'import', list('three.json', [0, 1, 4].map((neuron) => ({ layer: 0, neuron, description: `the ${neuron}th` }))), '--db', own);
  const database = new DatabaseSync(own);
  for (const neuron of more) database.prepare("INSERT INTO described VALUES (?, 'gpt-4', 'gone', NULL)").run(neuron);
  database.close();
  return own;
}

const describedIn = (own: string): readonly string[] => contentOf(own)['described'] ?? [];

test('an index that is made again keeps what others say of the neurons that the model still has, and says how many', async () => {
  const kept = describedIn(await described('plain.db'));
  const own = await described('again.db', [12, UNITS]);
  const again = (...more: readonly string[]): readonly string[] => ['neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', own, '--rebuild', ...more];
  const before = contentOf(own);
  const { stdout: foretold } = await cogscope(...again('--dry-run'));
  assert.match(foretold, /\n3 imported descriptions are kept, 2 are dropped: the model has no such neuron\n$/);
  assert.deepEqual(contentOf(own), before, 'a forecast changes nothing');
  const { forecast } = await json(...again()) as NeuronIndexResult;
  assert.deepEqual(forecast.descriptions, { kept: 3, dropped: 2, another: null });
  assert.deepEqual(describedIn(own), kept);
  const { stdout } = await cogscope(...again());
  assert.match(stdout, /\n3 imported descriptions are kept\n$/);
});

test('an index of another version is made again with its descriptions', async () => {
  const own = await described('version.db');
  const kept = describedIn(own);
  const database = new DatabaseSync(own);
  database.exec('PRAGMA user_version = 6');
  database.close();
  assert.equal((await cogscope('neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', own, '--rebuild', '--quiet')).code, 0);
  assert.deepEqual(describedIn(own), kept);
});

test('what is said of another model’s neurons is not taken over', async () => {
  const own = await described('another.db');
  const database = new DatabaseSync(own);
  database.exec("UPDATE meta SET value = json_set(value, '$.name', 'other.onnx', '$.sha256', '00') WHERE key = 'model'");
  database.close();
  const { stdout } = await cogscope('neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', own, '--rebuild', '--quiet');
  assert.match(stdout, /\n3 imported descriptions are dropped: they are of other\.onnx\n$/);
  assert.deepEqual(describedIn(own), []);
});
