/** What a neuron writes, held against numpy on the weights in the file (training/fixtures/make_effects.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { NeuronFigures } from '../../src/shared/neurons/figures.ts';
import { Scratch } from '../lib/scratch.ts';
import { wordText, wordTokenizer } from '../lib/wordTokenizer.ts';
import { fixture, fixtureFolder } from './fixtures.ts';
import { cogscope } from './lib/cogscope.ts';
import { openEngine } from './lib/openEngine.ts';

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
