/** What a neuron writes, held against numpy on the weights in the file (training/fixtures/make_effects.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { indexedModel } from '../../src/engine/methods/neurons.ts';
import { planIndex } from '../../src/engine/neurons/plan.ts';
import { ModelSession } from '../../src/engine/session.ts';
import type { NeuronFigures } from '../../src/shared/neurons/figures.ts';
import { Scratch } from '../lib/scratch.ts';
import { wordText, wordTokenizer } from '../lib/wordTokenizer.ts';
import { fixture, fixtureFolder } from './fixtures.ts';
import { cogscope } from './lib/cogscope.ts';
import { openEngine } from './lib/openEngine.ts';
import { UntouchedRows } from './lib/untouchedRows.ts';

const scratch = new Scratch();
const VOCAB = 96;

interface End {
  readonly ids: readonly number[];
  readonly effects: readonly number[];
}

type Goldens = Readonly<Record<string, { readonly norm: string; readonly neurons: Readonly<Record<string, { readonly top: End; readonly bottom: End }>> }>>;

const goldens = JSON.parse(readFileSync(join(fixtureFolder, 'effects.json'), 'utf8')) as Goldens;
const tokenizer = scratch.write('tokenizer.json', wordTokenizer(VOCAB, { begins: false }));
const text = scratch.write('text.txt', wordText(6, VOCAB, 5));

async function indexed(model: string, db: string): Promise<string> {
  const { code, stderr } = await cogscope('neurons', 'index', model, '--text', text, '--db', db, '--tokenizer', tokenizer, '--length', '32');
  assert.equal(code, 0, stderr);
  return db;
}

for (const [name, { norm, neurons }] of Object.entries(goldens)) {
  test(`${name}: the tokens that a neuron raises and lowers most are numpy’s`, async () => {
    const { path } = fixture(name);
    const db = await indexed(path, scratch.path(`${name}.db`));
    const { engine, call } = await openEngine(path, tokenizer);
    for (const [address, expected] of Object.entries(neurons)) {
      const { outputTokens }: NeuronFigures = await engine.neuronFigures({ db, address }, call);
      assert.ok(outputTokens.kind === 'effects', JSON.stringify(outputTokens));
      assert.equal(outputTokens.norm, norm);
      for (const end of ['top', 'bottom'] as const) {
        for (const [at, { id, effect, token }] of outputTokens[end].entries()) {
          const wanted = expected[end].effects[at] ?? NaN;
          const where = `${name} ${address}, ${end} ${at}`;
          assert.ok(Math.abs(effect - wanted) < 1e-4, `${where} is ${effect} and should be ${wanted}`);
          // Two that are nearly equal may change places.
          const own = expected[end].effects[expected[end].ids.indexOf(id)];
          assert.ok(own === undefined ? at > 7 : Math.abs(own - effect) < 1e-4, `${where}: token ${id} is not among numpy's`);
          assert.equal(token, id === 0 ? '<unk>' : id === 1 ? '<bos>' : `w${id - 2}`);
        }
      }
    }
  });
}

test('a model whose layers norm what they add has no direct way to the logits, and says so', async () => {
  const { path } = fixture('bert-sdpa-18');
  const db = await indexed(path, scratch.path('bert.db'));
  const { engine, call } = await openEngine(path, tokenizer);
  const { outputTokens } = await engine.neuronFigures({ db, address: 'L0N0' }, call);
  assert.ok(outputTokens.kind === 'none' && /norm stands behind/.test(outputTokens.reason), JSON.stringify(outputTokens));
});

for (const [name, { norm, neurons }] of Object.entries(goldens)) {
  test(`${name}: what a neuron adds to a token's logit is its activation times numpy's effect, over what the norm divides by there`, async () => {
    const { path } = fixture(name);
    const { engine, call } = await openEngine(path, tokenizer);
    const ids = [5, 17, 80, 3, 44, 9];
    const [position, last] = [4, name.startsWith('gpt2') ? 2 : 1];
    const untouched = await UntouchedRows.open(path);
    const { state } = await untouched.run(ids, last);
    const width = state.length / ids.length;
    const own = state.subarray(position * width, (position + 1) * width);
    const mean = norm === 'layer' ? own.reduce((sum, value) => sum + value, 0) / width : 0;
    const divisor = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width);
    for (const [address, { top }] of Object.entries(neurons).filter((_, at) => at % 5 === 0)) {
      const [layer = 0, neuron = 0] = address.slice(1).split('N').map(Number);
      const target = top.ids[0] ?? 0;
      const { post } = await untouched.run(ids, layer);
      const activation = post[position * (post.length / ids.length) + neuron] ?? NaN;
      const here = await engine.neuronsHere({ db: null, prompt: { kind: 'ids', ids }, position, target, limit: 1000 }, call);
      const found = here.moving.find((one) => one.address === address);
      const expected = (activation * (top.effects[0] ?? NaN)) / divisor;
      assert.ok(Math.abs((found?.activation ?? NaN) - activation) < 1e-4, `${name} ${address}: activation ${found?.activation}, should be ${activation}`);
      assert.ok(Math.abs((found?.effect ?? NaN) - expected) < 2e-4, `${name} ${address}: effect ${found?.effect}, should be ${expected}`);
      assert.deepEqual(here.moving.map(({ effect }) => Math.abs(effect ?? 0)), here.moving.map(({ effect }) => Math.abs(effect ?? 0)).sort((a, b) => b - a), 'the strongest first');
    }
  });
}

test('two calls at once share what is made of the last stage', async () => {
  const session = await ModelSession.open(fixture(Object.keys(goldens)[0] ?? '').path, tokenizer, { threads: 1, weightBudget: 1e9 });
  const model = indexedModel(session);
  const effects = (): ReturnType<ModelSession['getEffects']> => session.getEffects(model, planIndex(model), new AbortController().signal);
  try {
    const [first, second] = await Promise.all([effects(), effects()]);
    assert.ok(typeof first !== 'string', String(first));
    assert.ok(first === second, 'one of them would keep its sessions for as long as the engine lives');
  } finally {
    await session.close();
  }
});
