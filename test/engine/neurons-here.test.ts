/** `cogscope neurons here`: which neurons fire on a token, as an untouched session has them, and what each adds to a logit, as numpy has it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { NeuronsHere } from '../../src/shared/neurons/here.ts';
import { Scratch } from '../lib/scratch.ts';
import { wordText, wordTokenizer } from '../lib/wordTokenizer.ts';
import { fixture, fixtureFolder } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { UntouchedRows } from './lib/untouchedRows.ts';

const scratch = new Scratch();
const VOCAB = 96;
const model = fixture('gpt2-sdpa-20').path;
const tokenizer = scratch.write('tokenizer.json', wordTokenizer(VOCAB, { begins: false }));
const db = scratch.path('index.db');
const ids = [5, 17, 80, 3, 44, 9];
const prompt = ['--ids', ids.join(','), '--tokenizer', tokenizer];
const here = async (...words: readonly string[]): Promise<NeuronsHere> => await json('neurons', 'here', model, ...prompt, ...words) as NeuronsHere;

before(async () => {
  const text = scratch.write('text.txt', wordText(20, VOCAB, 7));
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', text, '--db', db, '--tokenizer', tokenizer, '--length', '32');
  assert.equal(code, 0, stderr);
});

test('those that fire have the activation of an untouched session, the strongest first', async () => {
  const untouched = await UntouchedRows.open(model);
  const { firing, token, position } = await here('--position', '2', '--limit', '500');
  assert.deepEqual([token, position], ['w78', 2]);
  assert.ok(firing.length > 20);
  for (const { address, activation, ofMax } of firing) {
    const [layer = 0, neuron = 0] = address.slice(1).split('N').map(Number);
    const { post } = await untouched.run(ids, layer);
    const own = post[2 * (post.length / ids.length) + neuron] ?? NaN;
    assert.ok(Math.abs(activation - own) < 2e-5, `${address} is ${activation} and should be ${own}`);
    assert.equal(ofMax, null, 'without an index no maximum is known');
  }
  assert.deepEqual(firing.map(({ activation }) => activation), firing.map(({ activation }) => activation).sort((a, b) => b - a));
});

test('what each adds to the target’s logit is its activation times numpy’s effect, over what the norm divides by there', async () => {
  const { neurons } = (JSON.parse(readFileSync(join(fixtureFolder, 'effects.json'), 'utf8')) as Readonly<Record<string, { readonly neurons: Readonly<Record<string, { readonly top: { readonly ids: readonly number[]; readonly effects: readonly number[] } }>> }>>)['gpt2-sdpa-20'] ?? assert.fail('no goldens');
  const untouched = await UntouchedRows.open(model);
  const { state } = await untouched.run(ids, 2);
  const own = state.subarray(state.length - state.length / ids.length);
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
  const divisor = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length);
  for (const [address, { top }] of Object.entries(neurons).slice(0, 3)) {
    const { moving, position, target } = await here('--target-id', String(top.ids[0]), '--limit', '1000');
    assert.deepEqual([position, target.id], [ids.length - 1, top.ids[0]], 'the last token unless another is named');
    const found = moving.find((one) => one.address === address) ?? assert.fail(`${address} is missing`);
    const expected = (found.activation * (top.effects[0] ?? NaN)) / divisor;
    assert.ok(Math.abs((found.effect ?? NaN) - expected) < 2e-4, `${address}: effect ${found.effect}, should be ${expected}`);
  }
});

test('an index adds the share of the maximum, and orders by it', async () => {
  const { firing } = await here('--db', db);
  const shares = firing.map(({ ofMax }) => ofMax ?? NaN);
  assert.ok(shares.every((share) => share > 0));
  assert.deepEqual(shares, [...shares].sort((a, b) => b - a));
  const { stdout } = await cogscope('neurons', 'here', model, ...prompt, '--db', db, '--target', 'w7');
  assert.match(stdout, /^“w7” at position 5; effects are on the logit of “w7” behind it\n/);
  assert.match(stdout, /by the share of their maximum in the index\n +activation {2}of maximum +effect {2}readings\n/);
  assert.ok(stdout.includes(`  ${firing[0]?.address ?? ''}`));
});

test('a prompt, position or target that is none is said', async () => {
  for (const [words, said] of [
    [['--position', '6', ...prompt], /no position 6 in a prompt of 6 tokens/], [['--position', '-7', ...prompt], /no position -7/], [['--position', 'last', ...prompt], /--position takes a whole number/],
    [['--tokenizer', tokenizer], /There is no prompt/], [[...prompt, '--target', 'w1 w2'], /The target "w1 w2" is 2 tokens/], [[...prompt, '--target-id', '96'], /outside the vocabulary of 96/],
  ] as const) {
    const { code, stderr } = await cogscope('neurons', 'here', model, ...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
});
