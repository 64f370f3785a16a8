/** What is read of an index is what an untouched session computes, and stands in the text where it says. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { before, test } from 'node:test';
import type { HeadFigures, NeuronFigures, NeuronIndexStanding } from '../../src/shared/neurons/figures.ts';
import { Scratch } from '../lib/scratch.ts';
import { wordText, wordTokenizer } from '../lib/wordTokenizer.ts';
import { fixture } from './fixtures.ts';
import { cogscope, json } from './lib/cogscope.ts';
import { linesOf } from './lib/neuronIndex.ts';
import { openEngine } from './lib/openEngine.ts';
import { UntouchedRows } from './lib/untouchedRows.ts';

const scratch = new Scratch();
const VOCAB = 96;
const TOLERANCE = 2e-5;
const model = fixture('gpt2-sdpa-20').path;
const words = wordText(40, VOCAB, 7);
const text = scratch.write('text.txt', words);
const tokenizer = scratch.write('tokenizer.json', wordTokenizer(VOCAB, { begins: true }));
const db = scratch.path('index.db');
const show = (address: string, file = db): Promise<unknown> => json('neurons', 'show', model, address, '--db', file, '--tokenizer', tokenizer);

before(async () => {
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', text, '--db', db, '--tokenizer', tokenizer, '--length', '32');
  assert.equal(code, 0, stderr);
});

test('a neuron’s figures are those of an untouched session over every token of the text', async () => {
  const untouched = await UntouchedRows.open(model);
  const lines = linesOf(db);
  const posts = new Map<number, Float32Array>();
  for (const { id, ids } of lines) posts.set(id, (await untouched.run(ids, 1)).post);
  const neurons = (posts.get(0)?.length ?? 0) / (lines[0]?.ids.length ?? 1);
  for (const neuron of [0, 7, neurons - 1]) {
    const shown = await show(`L1N${neuron}`) as NeuronFigures;
    const values = lines.flatMap(({ id, ids }) => ids.slice(1).map((_, at) => posts.get(id)?.[(at + 1) * neurons + neuron] ?? NaN));
    const where = shown.address;
    assert.equal(where, `L1N${neuron}`);
    assert.equal(shown.tokens, values.length, `${where}: tokens`);
    close(shown.mean, values.reduce((sum, value) => sum + value, 0) / values.length, `${where}: mean`);
    close(shown.max, Math.max(...values), `${where}: maximum`);
    close(shown.firingRate, values.filter((value) => value > 0).length / values.length, `${where}: firing rate`, 2 / values.length);
    assert.equal(shown.histogram.sampled, values.length, `${where}: so short a text is drawn whole`);
    assert.ok(shown.examples.length > 24, `${where} has examples of every bin and not only the strongest`);
    assert.deepEqual(shown.examples.map((one) => one.activation), shown.examples.map((one) => one.activation).sort((a, b) => b - a), `${where}: the strongest example first`);
    for (const { row, position, activation, quantile, token, context, offset, bin } of shown.examples) {
      const example = `${where} at row ${row}, position ${position}`;
      close(activation, posts.get(row)?.[position * neurons + neuron], `${example}: activation`);
      const exact = values.filter((value) => value <= activation + TOLERANCE).length / values.length;
      const inBin = (shown.histogram.counts[bin] ?? 0) / values.length;
      assert.ok(Math.abs(quantile - exact) <= inBin + 1 / values.length, `${example}: quantile is ${quantile} and should be ${exact}, give or take its bin (${inBin})`);
      assert.equal(words.slice(offset, offset + token.length), token, `${example}: its token stands at ${offset}`);
      assert.equal(context.tokens[context.at], token, `${example}: its token in its context`);
      assert.ok(words.includes(context.tokens.filter((one) => one !== '<bos>').join(' ')), `${example}: its context is text of the file`);
    }
  }
});

test('the activations around an example are those of an untouched session', async () => {
  const untouched = await UntouchedRows.open(model);
  const { engine, call } = await openEngine(model, tokenizer);
  const { examples } = await engine.neuronFigures({ db, address: 'L2N5' }, call);
  const asked = examples.slice(0, 12).map(({ row, position }) => ({ row, position }));
  const made = await engine.exampleActivations({ db, address: 'L2N5', examples: asked }, call);
  assert.deepEqual(made.map(({ row, position }) => ({ row, position })), asked);
  for (const [at, { row, position, activations }] of made.entries()) {
    const example = examples[at];
    const ids = linesOf(db)[row]?.ids ?? [];
    const { post } = await untouched.run(ids, 2);
    assert.equal(activations.length, example?.context.tokens.length, `row ${row}: an activation a token`);
    for (const [index, activation] of activations.entries()) close(activation, post[(position - (example?.context.at ?? 0) + index) * (post.length / ids.length) + 5], `L2N5 at row ${row}, token ${index} of the context of ${position}`);
    close(activations[example?.context.at ?? -1], example?.activation, `L2N5 at row ${row}: the example itself`);
  }
});

test('which neurons fire on a token of a prompt, with what the index has of them', async () => {
  const { engine, call } = await openEngine(model, tokenizer);
  const prompt = { kind: 'text', text: 'w3 w40 w7 w22', special: true } as const;
  const here = await engine.neuronsHere({ db, prompt, position: 2, target: null }, call);
  assert.equal(here.token, 'w40');
  const { post } = await (await UntouchedRows.open(model)).run([1, 5, 42, 9, 24], 0);
  const first = here.firing.find(({ address }) => address.startsWith('L0'));
  assert.ok(first);
  close(first.activation, post[2 * (post.length / 5) + Number(first.address.slice(3))], `${first.address}: activation`);
  close(first.ofMax ?? NaN, first.activation / (await engine.neuronFigures({ db, address: first.address }, call)).max, `${first.address}: share of its maximum`);
  await assert.rejects(async () => await engine.neuronsHere({ db, prompt, position: 9, target: null }, call), /no position 9/);
});

test('a head’s pairs are tokens of one row with the weight between them', async () => {
  const untouched = await UntouchedRows.open(model);
  const lines = linesOf(db);
  const shown = await show('L0H1') as HeadFigures;
  assert.ok(shown.examples.length > 5);
  for (const { row, position, weight, source, token } of shown.examples) {
    const ids = lines[row]?.ids ?? [];
    const { pattern } = await untouched.run(ids, 0);
    close(weight, pattern[(ids.length + position) * ids.length + source.position], `L0H1 from ${position} to ${source.position} of row ${row}`);
    assert.equal(token, `w${(ids[position] ?? 0) - 2}`);
    assert.equal(source.token, `w${(ids[source.position] ?? 0) - 2}`);
    assert.equal(source.context.tokens[source.context.at], source.token);
  }
});

test('what is asked for and is not there is said in a sentence', async () => {
  for (const [address, said] of [['L1N99999', /Layer 1 has \d+ neurons/], ['L9N0', /no neurons of layer 9/], ['L0H99', /Layer 0 has \d+ heads/], ['blocks.0', /is no neuron/]] as const) {
    const { code, stderr } = await cogscope('neurons', 'show', model, address, '--db', db, '--tokenizer', tokenizer);
    assert.equal(code, 2, `${address}: ${stderr}`);
    assert.match(stderr, said);
  }
});

test('an index of another model, of a newer version and a file that is none say so, and give no figures', async () => {
  const newer = scratch.path('newer.db');
  copyFileSync(db, newer);
  const database = new DatabaseSync(newer);
  database.exec('PRAGMA user_version = 9999');
  database.close();
  const other = fixture('gpt2-eager-18').path;
  const none = scratch.write('none.db', 'not a database, but a text of some length that SQLite looks at '.repeat(20));
  const { engine, call } = await openEngine(other, tokenizer);
  const standing = async (file: string): Promise<NeuronIndexStanding> => await engine.neuronIndex({ db: file }, call);
  const another = await standing(db);
  assert.ok(another.kind === 'another' && /model changed/.test(another.reason) && another.info.finished, JSON.stringify(another));
  await assert.rejects(async () => await engine.neuronFigures({ db, address: 'L0N0' }, call), /model changed.*"Index Neurons" in the editor.*--rebuild/);
  const ofNewer = await standing(newer);
  assert.ok(ofNewer.kind === 'refused' && ofNewer.rebuild && /newer version/.test(ofNewer.error.what), JSON.stringify(ofNewer));
  const ofNone = await standing(none);
  assert.ok(ofNone.kind === 'refused' && !ofNone.rebuild, JSON.stringify(ofNone));
  assert.deepEqual(await standing(scratch.path('missing.db')), { kind: 'none' });
});

test('an index of the open model is usable, and its layers are summed up', async () => {
  const { engine, call } = await openEngine(model, tokenizer);
  const standing = await engine.neuronIndex({ db }, call);
  assert.ok(standing.kind === 'usable' && standing.finished, JSON.stringify(standing));
  assert.deepEqual(standing.texts, ['text.txt']);
  const layers = await engine.neuronLayers({ db }, call);
  assert.equal(layers.reduce((sum, layer) => sum + layer.neurons, 0), standing.neurons);
  const [first] = layers;
  assert.ok(first);
  const all = await Promise.all(Array.from({ length: first.neurons }, async (_, neuron) => await engine.neuronFigures({ db, address: `L0N${neuron}` }, call)));
  assert.equal(first.max, Math.max(...all.map(({ max }) => max)));
  close(first.firingRate, all.reduce((sum, { firingRate }) => sum + firingRate, 0) / all.length, 'firing rate of the layer');
  assert.equal(first.dense, all.filter(({ dense }) => dense).length);
});

function close(value: number | undefined, expected: number | undefined, what: string, tolerance = TOLERANCE): void {
  assert.ok(Math.abs((value ?? NaN) - (expected ?? NaN)) <= tolerance * Math.max(1, Math.abs(expected ?? 0)), `${what} is ${value} and should be ${expected}`);
}
