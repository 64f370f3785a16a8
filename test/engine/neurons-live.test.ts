/** What one neuron does on a text that is typed is what an untouched session computes. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { wordTokenizer } from '../lib/wordTokenizer.ts';
import { fixture } from './fixtures.ts';
import { openEngine } from './lib/openEngine.ts';
import { UntouchedRows } from './lib/untouchedRows.ts';

const scratch = new Scratch();
const VOCAB = 96;
const TOLERANCE = 2e-5;
const model = fixture('gpt2-sdpa-20').path;
const tokenizer = scratch.write('tokenizer.json', wordTokenizer(VOCAB, { begins: true }));
const address = 'L1N7';

let opened: Awaited<ReturnType<typeof openEngine>>;
let untouched: UntouchedRows;
before(async () => {
  opened = await openEngine(model, tokenizer);
  untouched = await UntouchedRows.open(model);
});

/** Of neuron 7 in layer 1. */
async function expected(ids: readonly number[]): Promise<readonly number[]> {
  const { post } = await untouched.run(ids, 1);
  const neurons = post.length / ids.length;
  return ids.map((_, at) => post[at * neurons + 7] ?? NaN);
}

const close = (actual: ArrayLike<number>, wanted: readonly number[], where: string): void => {
  assert.equal(actual.length, wanted.length, where);
  wanted.forEach((value, at) => assert.ok(Math.abs((actual[at] ?? NaN) - value) <= TOLERANCE, `${where}, token ${at}: ${actual[at]} is not ${value}`));
};

test('a neuron on a prompt has the activation of an untouched session at each token', async () => {
  const ids = [1, 17, 42, 42, 5, 60];
  const { tokens, values } = await opened.engine.neuronLive({ prompt: { kind: 'ids', ids }, address }, opened.call);
  assert.deepEqual(tokens.map(({ id }) => id), ids);
  close(values, await expected(ids), address);
});

test('what is no neuron is refused in a sentence', async () => {
  const live = (wrong: string): Promise<unknown> => Promise.resolve(opened.engine.neuronLive({ prompt: { kind: 'ids', ids: [1] }, address: wrong }, opened.call));
  await assert.rejects(live('L1H2'), /"L1H2" is no neuron/);
  await assert.rejects(live('L1N99999'), /There is no neuron 99999/);
  await assert.rejects(live('L9N1'), /No address of this model/);
});
