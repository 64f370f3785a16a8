/** Neurons are found by what they fire on, what they write, how often and where: on planted ones, whose answers are known. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { NeuronSearchResult } from '../../src/shared/neurons/search.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';

const scratch = new Scratch();
const folder = join(fixtureFolder, 'planted');
const model = join(folder, 'model.onnx');
const db = scratch.path('planted.db');
const search = async (...words: readonly string[]): Promise<NeuronSearchResult> => await json('neurons', 'search', model, '--db', db, ...words) as NeuronSearchResult;
const addresses = ({ found }: NeuronSearchResult): readonly string[] => found.map(({ address }) => address);

before(async () => {
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', db);
  assert.equal(code, 0, stderr);
});

test('by a token that they fire on, the one with the largest share first', async () => {
  const [tree, seven, quote] = await Promise.all([search('--token', 'Tree'), search('--token', '7'), search('--token', '"')]);
  assert.equal(addresses(tree)[0], 'L0N1');
  assert.ok((tree.found[0]?.share ?? 0) > 0.4, JSON.stringify(tree.found[0]));
  assert.ok(addresses(seven).includes('L0N2'), JSON.stringify(addresses(seven)));
  assert.ok(addresses(quote).includes('L0N0') && !addresses(quote).includes('L0N1'), JSON.stringify(addresses(quote)));
});

test('by several tokens, on the last of which they fire', async () => {
  const [said, walked] = await Promise.all([search('--token', 'said "'), search('--token', 'said tree')]);
  assert.equal(addresses(said)[0], 'L0N0');
  assert.ok(addresses(walked).every((address) => address !== 'L0N0'));
});

test('by a token that they raise, and by one that they lower', async () => {
  const [raising, lowering] = await Promise.all([search('--output', 'said'), search('--output', '-tree')]);
  assert.equal(addresses(raising)[0], 'L0N0');
  assert.ok(Math.abs((raising.found[0]?.effect ?? 0) - 1) < 1e-3, 'its effect is the one that was planted');
  assert.equal(addresses(lowering)[0], 'L0N0');
  assert.ok(Math.abs((lowering.found[0]?.effect ?? 0) + 0.5) < 1e-3);
});

test('by how often they fire, and everything at once', async () => {
  const rare = await search('--rate', '0.001-0.08');
  assert.deepEqual([...addresses(rare)].sort(), ['L0N0', 'L0N1', 'L0N2']);
  assert.deepEqual(addresses(await search('--rate', '-0.08', '--token', 'tree', '--layer', '0')), ['L0N1']);
  assert.equal((await search('--rate', '0-1', '--limit', '5')).found.length, 5);
});

test('what is no token, no layer or no range is said', async () => {
  for (const [words, said] of [[['--output', 'zebra'], /No token of the model is “zebra”/], [['--layer', '7'], /no neurons of layer 7/], [['--rate', 'often'], /--rate takes a range/]] as const) {
    const { code, stderr } = await cogscope('neurons', 'search', model, '--db', db, ...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
});
