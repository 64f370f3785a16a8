/** What lies behind patterns is what TransformerLens's activations and weights give (training/lens/make_goldens.py). */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineHandlers } from '../../src/engine/server.ts';
import { attentionViews } from '../../src/shared/protocol/attentionApi.ts';
import type { AttentionView, HeadOutputsProgress, TokenEffect } from '../../src/shared/protocol/attentionApi.ts';
import type { EngineApi } from '../../src/shared/protocol/engineApi.ts';
import type { Handlers } from '../../src/shared/rpc/connection.ts';
import { manyHeads } from '../lib/manyHeads.ts';
import { model, modelBytes } from '../lib/protos.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixture, maxAbs } from './fixtures.ts';
import { cellsFolder } from './lib/cells.ts';
import { goldenOf, pathOf, subjects } from './lib/lensGoldens.ts';
import { refusal } from './lib/refusal.ts';

const EQUAL = 1e-4;
const SOURCE = 2;
const quiet = { signal: new AbortController().signal, progress: (): void => undefined };
const ids = (list: readonly number[]) => ({ kind: 'ids', ids: list }) as const;

interface Opened {
  readonly engine: Handlers<EngineApi>;
  readonly run: number;
}

async function ran(path: string, prompt: readonly number[], prompts: Readonly<Record<string, { readonly kind: 'ids'; readonly ids: readonly number[] }>> = {}): Promise<Opened> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path, tokenizer: null }, quiet);
  const { run } = await engine.run({ prompt: ids(prompt), prompts, patterns: true }, quiet);
  return { engine, run };
}

const place = (layer: number) => ({ tower: '', attention: 'self', layer }) as const;

for (const [name, subject] of Object.entries(subjects)) {
  const { prompt, target, distractor, heads } = subject;
  const length = prompt.length;
  const golden = goldenOf(name);
  const layers = new Set(heads.map((head) => head.split('H')[0])).size;
  const perLayer = heads.length / layers;

  for (const view of attentionViews) {
    test(`${name}: ${view}`, async () => {
      const { engine, run } = await ran(pathOf(subject), prompt);
      const expected = golden(view);
      for (let layer = 0; layer < layers; layer++) {
        for (let head = 0; head < perLayer; head++) {
          const tile = await engine.attentionTile({ run, ...place(layer), head, view, target, distractor, row: 0, rows: length, col: 0, cols: length }, quiet);
          const at = (view === 'rollout' ? layer : layer * perLayer + head) * length * length;
          const own = expected.subarray(at, at + length * length);
          assert.equal(tile.values.length, length * length);
          if (view === 'scores') {
            own.forEach((score, cell) => {
              const found = tile.values[cell] ?? NaN;
              const isAhead = cell % length > Math.floor(cell / length);
              assert.ok(isAhead ? found === -Infinity : Math.abs(found - score) < EQUAL, `L${layer}H${head}, cell ${cell}: ${found}, ${score} in TransformerLens`);
            });
          } else assert.ok(maxAbs(tile.values, own) < EQUAL, `L${layer}H${head}: differs by ${maxAbs(tile.values, own)}`);
        }
      }
    });
  }

  test(`${name}: norms and effects of what heads write`, async () => {
    const { engine, run } = await ran(pathOf(subject), prompt);
    const told: HeadOutputsProgress[] = [];
    const { layers: made, notes } = await engine.headOutputs({ run, target, distractor }, { ...quiet, progress: (body) => told.push(body as HeadOutputsProgress) });
    assert.deepEqual([made.map(({ layer }) => layer), notes], [Array.from({ length: layers }, (_, layer) => layer), []]);
    assert.deepEqual(told.map(({ layer, done, of }) => [layer, done, of]), made.map((layer, index) => [layer, index + 1, layers]), 'each layer is told as it comes');
    for (const { layer, norms, effects, heads: count, rows } of made) {
      assert.deepEqual([count, rows], [perLayer, length]);
      const size = perLayer * length;
      const difference = maxAbs(norms, golden('outputs').subarray(layer * size, (layer + 1) * size));
      assert.ok(difference < EQUAL, `norms of layer ${layer} differ by ${difference}`);
      // What TransformerLens says of each source, added up.
      const sums = Float64Array.from({ length: size }, (_, at) => golden('effect').subarray((layer * size + at) * length, (layer * size + at + 1) * length).reduce((sum, value) => sum + value, 0));
      assert.ok(effects && maxAbs(effects, sums) < EQUAL, `effects of layer ${layer} differ by ${effects ? maxAbs(effects, sums) : NaN}`);
      for (let head = 0; head < count; head++) {
        const { written } = await engine.attentionTile({ run, ...place(layer), head, view: 'effect', target, distractor, row: 1, rows: length, col: 0, cols: length }, quiet);
        assert.deepEqual(written, effects.slice(head * rows + 1, (head + 1) * rows), `L${layer}H${head}: a tile has the head's whole effect of its rows`);
      }
    }
  });

  for (const [key, source] of [['writes', null], ['circuit', { position: SOURCE, reads: 'embedding' }]] as const) {
    test(`${name}: tokens that a head ${key === 'writes' ? 'writes' : 'would write of one token’s embedding alone'}`, async () => {
      const { engine, run } = await ran(pathOf(subject), prompt);
      const expected = golden(key);
      const vocab = expected.length / heads.length;
      for (const [index, address] of heads.entries()) {
        const [layer, head] = [Math.floor(index / perLayer), index % perLayer];
        const { top, bottom } = await engine.headWrites({ run, ...place(layer), head, source, top: 4 }, quiet);
        const effects = expected.subarray(index * vocab, (index + 1) * vocab);
        const sorted = [...effects].sort((a, b) => b - a);
        const near = (found: readonly TokenEffect[], best: readonly number[]): void => {
          assert.ok(maxAbs(found.map(({ effect }) => effect), best) < EQUAL, `${address}: ${found.map(({ effect }) => effect).join(', ')}, ${best.join(', ')} in TransformerLens`);
          for (const { id, effect } of found) assert.ok(Math.abs(effect - (effects[id] ?? NaN)) < EQUAL, `${address}: token ${id}`);
        };
        near(top, sorted.slice(0, 4));
        near(bottom, sorted.slice(-4).reverse());
      }
    });
  }
}

test('what a head would write of a state, taken by attention, adds up to what it writes', async () => {
  const prompt = [3, 14, 15, 9, 26];
  const { engine, run } = await ran(fixture('gpt2-sdpa-20').path, prompt);
  const [layer, head] = [1, 2];
  const target = 7;
  const { values } = await engine.attentionTile({ run, ...place(layer), head, view: 'effect', target, row: 4, rows: 1, col: 0, cols: 5 }, quiet);
  const { parts } = await engine.attribution({ prompt: ids(prompt), target }, quiet);
  const whole = parts.find(({ address }) => address === `L${layer}H${head}`)?.values[0] ?? NaN;
  assert.ok(Math.abs(values.reduce((sum, value) => sum + value, 0) - whole) < EQUAL, 'positions add up to the head');
  const alone = await engine.headWrites({ run, ...place(layer), head, source: { position: 1, reads: 'state' }, top: 100 }, quiet);
  const { values: [weight = NaN] } = await engine.patternTile({ run, ...place(layer), head, row: 4, rows: 1, col: 1, cols: 1 }, quiet);
  const own = [...alone.top, ...alone.bottom].find(({ id }) => id === target)?.effect ?? NaN;
  assert.ok(Math.abs(weight * own - (values[1] ?? NaN)) < EQUAL, `${weight} times ${own} is ${values[1] ?? NaN}`);
});

test('a thousand heads in one layer', async () => {
  const HEADS = 1000;
  const path = new Scratch().write('thousand.onnx', modelBytes(model(manyHeads(HEADS))));
  const { engine, run } = await ran(path, [1, 5, 9, 5]);
  const { layers: [first] } = await engine.headOutputs({ run }, quiet);
  assert.deepEqual([first?.heads, first?.norms.length, first?.norms.every(Number.isFinite), first?.effects], [HEADS, 4 * HEADS, true, null]);
  const { parts, remainder, tolerance } = await engine.attribution({ prompt: ids([1, 5, 9, 5]), target: 3 }, quiet);
  assert.equal(parts.filter(({ kind }) => kind === 'head').length, HEADS);
  assert.ok(Math.abs(remainder[0] ?? NaN) < tolerance, `${remainder[0] ?? NaN} is left`);
  const { values } = await engine.attentionTile({ run, ...place(0), head: HEADS - 1, view: 'weighted', row: 0, rows: 4, col: 0, cols: 4 }, quiet);
  assert.deepEqual([values.length, values.every(Number.isFinite)], [16, true]);
});

test('rectangles are clamped; a one-token prompt has one cell of each', async () => {
  const { engine, run } = await ran(fixture('llama-sdpa-20').path, [5, 6, 7]);
  const tile = await engine.attentionTile({ run, ...place(0), head: 0, view: 'weighted', row: 1, rows: 9, col: -4, cols: 2 }, quiet);
  assert.deepEqual([tile.rows, tile.cols], [2, 2]);
  const one = await ran(fixture('llama-sdpa-20').path, [5]);
  for (const view of attentionViews) {
    const { values } = await one.engine.attentionTile({ run: one.run, ...place(0), head: 0, view, target: 3, row: 0, rows: 1, col: 0, cols: 1 }, quiet);
    assert.ok(values.length === 1 && Number.isFinite(values[0]), view);
  }
});

test('cross attention of an encoder with a decoder, and towers that do not predict', async () => {
  const { engine, run } = await ran(join(cellsFolder, 't5/torch-20.onnx'), [5, 9, 33, 17], { dec: ids([3, 7, 11]) });
  const common = { run, layer: 0, head: 0, row: 0, rows: 9, col: 0, cols: 9 };
  for (const view of ['scores', 'weighted', 'effect'] satisfies readonly AttentionView[]) {
    const tile = await engine.attentionTile({ ...common, tower: 'dec.', attention: 'cross', view, target: 4 }, quiet);
    assert.deepEqual([tile.rows, tile.cols], [3, 4], `${view} from the decoder’s tokens to the encoder’s`);
    assert.ok(tile.values.every(Number.isFinite), view);
  }
  assert.match((await refusal(engine.attentionTile({ ...common, tower: 'dec.', attention: 'cross', view: 'rollout' }, quiet))).message, /cross attention reads another/);
  const { layers } = await engine.headOutputs({ run, target: 4 }, quiet);
  assert.deepEqual(new Set(layers.map(({ tower, attention, rows, effects }) => `${tower} ${attention} ${rows} ${effects !== null}`)), new Set(['enc. self 4 false', 'dec. self 3 true', 'dec. cross 3 true']));
  assert.match((await refusal(engine.attentionTile({ ...common, tower: 'enc.', attention: 'self', view: 'effect', target: 4 }, quiet))).message, /not what the logits are made of/);
  assert.match((await refusal(engine.headWrites({ ...common, tower: 'enc.', attention: 'self' }, quiet))).message, /not what the logits are made of/);
});

test('what is not there is refused with why', async () => {
  const { engine, run } = await ran(fixture('gpt2-sdpa-20').path, [1, 2, 3]);
  const tile = { run, ...place(0), head: 0, view: 'weighted', row: 0, rows: 3, col: 0, cols: 3 } as const;
  assert.match((await refusal(engine.attentionTile({ ...tile, head: 99 }, quiet))).message, /no head 99/);
  assert.match((await refusal(engine.attentionTile({ ...tile, layer: 99 }, quiet))).message, /Layer 99 has no attention/);
  assert.match((await refusal(engine.attentionTile({ ...tile, run: 99 }, quiet))).message, /no longer kept/);
  assert.match((await refusal(engine.attentionTile({ ...tile, view: 'effect' }, quiet))).message, /No token is asked about/);
  assert.match((await refusal(engine.attentionTile({ ...tile, view: 'effect', target: 100_000 }, quiet))).message, /target 100000 is outside the vocabulary/);
  assert.match((await refusal(engine.headWrites({ run, ...place(0), head: 0, position: 3 }, quiet))).message, /no position 3/);
  const bert = await ran(fixture('bert-sdpa-20').path, [1, 2, 3]);
  assert.match((await refusal(bert.engine.headWrites({ run: bert.run, ...place(0), head: 0 }, quiet))).message, /norm stands behind its sum|not recognised as logits/);
  const { values } = await bert.engine.attentionTile({ ...tile, run: bert.run }, quiet);
  assert.ok(values.every((value) => value > 0), 'what is moved is there whatever stands behind');
});
