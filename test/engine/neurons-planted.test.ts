/** Neurons whose meaning is known because their weights were set by hand (training/fixtures/make_planted.py): the readings name it, and those of shuffled text do not. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Background } from '../../src/engine/neurons/readings/background.ts';
import { readLayer } from '../../src/engine/neurons/readings/layer.ts';
import { Traits } from '../../src/engine/neurons/readings/traits.ts';
import { NeuronIndex } from '../../src/engine/neurons/store/index.ts';
import { Tokenizer } from '../../src/engine/text/tokenizer.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder } from './fixtures.ts';
import { cogscope } from './lib/cogscope.ts';
import { linesOf } from './lib/neuronIndex.ts';
import { openEngine } from './lib/openEngine.ts';
import { UntouchedRows } from './lib/untouchedRows.ts';

const scratch = new Scratch();
const folder = join(fixtureFolder, 'planted');
const model = join(folder, 'model.onnx');
const db = scratch.path('planted.db');
const planted = [
  { address: 'L0N0', labels: ['quotation marks'] },
  { address: 'L0N1', labels: ['“paid”', '“tree”'] },
  { address: 'L0N2', labels: ['digits'] },
] as const;

before(async () => {
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', join(folder, 'text.txt'), '--db', db);
  assert.equal(code, 0, stderr);
});

for (const { address, labels } of planted) {
  test(`${address} is read as ${labels.join(' and ')}, and surely so`, async () => {
    const { engine, call } = await openEngine(model, null);
    const { readings, meanings, sure, examples } = await engine.neuronFigures({ db, address }, call);
    assert.deepEqual(readings.map(({ label }) => label).sort(), labels, JSON.stringify(readings));
    assert.equal(meanings, labels.length);
    assert.ok((sure ?? 0) > 0.8, `${address}: agreement on held-out examples is ${sure}`);
    for (const { score, label } of readings) assert.ok(score > 0.95, `${address}, ${label}: score ${score}`);
    for (const { token, reading, activation } of examples.filter((one) => one.reading !== null)) {
      const rule = readings[reading ?? -1]?.rule;
      const holds = rule?.kind === 'words' ? rule.words.includes(token) : rule?.kind === 'class' && (rule.name === 'digits' ? /^\d$/ : /^["'“”]$/).test(token);
      assert.ok(holds, `${address} fires with ${activation} on "${token}", which belongs to reading ${reading}`);
    }
  });
}

test('with the tokens of other rows in their examples’ places, they are not named, and no reading is sure', async () => {
  const index = await NeuronIndex.open(db, { readOnly: true });
  const { mlps: [mlp] } = index.tables([]);
  index.close();
  const tokenizer = Tokenizer.find(model, null);
  assert.ok(mlp && !('missing' in tokenizer));
  const rows = linesOf(db).map(({ ids }) => Uint32Array.from(ids));
  const vocab = 1 + Math.max(...rows.flatMap((ids) => [...ids]));
  const traits = new Traits(vocab, (id) => tokenizer.decode(id));
  const knowledge = { traits, background: new Background(rows, traits) };
  const tokens = Uint32Array.from(rows.flatMap((ids) => [...ids]));
  // Any stretch of text that is long enough stands for the row that an example is of.
  const shuffled = (row: number): Uint32Array => tokens.subarray((row * 7919) % (tokens.length - 64), ((row * 7919) % (tokens.length - 64)) + 64);
  const made = await readLayer(mlp, shuffled, knowledge, new AbortController().signal);
  for (const [neuron, { labels }] of planted.entries()) {
    const { readings = [], sure = null } = made[neuron]?.meanings ?? {};
    assert.ok(!labels.every((label) => readings.some((reading) => reading.label === label)), `L0N${neuron}, shuffled, is still read as ${labels.join(' and ')}`);
    assert.ok((sure ?? 1) < 0.3, `L0N${neuron}, shuffled: agreement on held-out examples is ${sure}`);
  }
});

test('the layer lists them by their meanings', async () => {
  const { engine, call } = await openEngine(model, null);
  const [layer] = await engine.neuronLayers({ db }, call);
  assert.ok(layer);
  const addresses = (list: readonly { readonly address: string }[]): readonly string[] => list.map(({ address }) => address);
  assert.ok(addresses(layer.monosemantic).includes('L0N0') && addresses(layer.monosemantic).includes('L0N2'), JSON.stringify(layer.monosemantic));
  assert.ok(!addresses(layer.monosemantic).includes('L0N1') && addresses(layer.polysemantic).includes('L0N1'), JSON.stringify(layer.polysemantic));
});

test('its readings foretell where a planted neuron fires in new text, as counted by hand and by an untouched session', async () => {
  const { engine, call } = await openEngine(model, null);
  const text = 'Ben said " the tree , 3 birds " and paid 7 . “ a house ” in the green river 9 ?';
  const trial = await engine.testReadings({ db, address: 'L0N0', text: { kind: 'typed', text } }, call);
  const tokens = text.split(' ');
  const isQuote = tokens.map((token) => /["“”]/.test(token));
  assert.equal(trial.tokens, tokens.length);
  assert.equal(trial.fires, 4);
  const [reading] = trial.readings;
  assert.ok(reading);
  assert.deepEqual([reading.label, reading.holds, reading.hits, reading.precision, reading.recall], ['quotation marks', 4, 4, 1, 1]);
  const tokenizer = Tokenizer.find(model, null);
  assert.ok(!('missing' in tokenizer));
  const { post } = await (await UntouchedRows.open(model)).run(tokenizer.encode(text, { special: false }).map(({ id }) => id), 0);
  const fired = tokens.map((_, at) => post[at * (post.length / tokens.length)] ?? NaN);
  const expected = pearson(isQuote.map(Number), fired);
  assert.ok(Math.abs((reading.correlation ?? NaN) - expected) < 1e-4 && expected > 0.99, `correlation is ${reading.correlation} and should be ${expected}`);
  assert.deepEqual(trial.together, { holds: 4, hits: 4, precision: 1, recall: 1, correlation: reading.correlation });
});

test('a reading that is another neuron’s foretells nothing', async () => {
  const { engine, call } = await openEngine(model, null);
  const trial = await engine.testReadings({ db, address: 'L0N2', text: { kind: 'typed', text: 'Ben said " the tree , and paid " in the house .' } }, call);
  assert.equal(trial.fires, 0);
  assert.deepEqual(trial.together, { holds: 0, hits: 0, precision: null, recall: null, correlation: null });
});

/** The textbook's two passes. */
function pearson(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number): number => a.reduce((sum, value, at) => sum + (value - ma) * ((b[at] ?? NaN) - mb), 0);
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my));
}
