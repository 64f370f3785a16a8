/** Two runs on aligned tokens, held against the single runs' own patterns. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { engineHandlers } from '../../src/engine/server.ts';
import type { EngineApi, LayerPatterns } from '../../src/shared/protocol/engineApi.ts';
import type { Handlers } from '../../src/shared/rpc/connection.ts';
import { fixture } from './fixtures.ts';
import { cellsFolder } from './lib/cells.ts';
import { refusal } from './lib/refusal.ts';

const quiet = { signal: new AbortController().signal, progress: (): void => undefined };
const ids = (list: readonly number[]) => ({ kind: 'ids', ids: list }) as const;
const place = { tower: '', attention: 'self', layer: 1 } as const;

type Engine = Handlers<EngineApi>;

async function opened(path = fixture('gpt2-sdpa-20').path): Promise<Engine> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  await engine.open({ path, tokenizer: null }, quiet);
  return engine;
}

const runOf = async (engine: Engine, prompt: readonly number[], dec?: readonly number[]): Promise<number> =>
  (await engine.run({ prompt: ids(prompt), ...(dec ? { prompts: { dec: ids(dec) } } : {}), patterns: true }, quiet)).run;

/** One head's whole pattern: cell(dest, src). */
async function patternOf(engine: Engine, run: number, head: number, own: { readonly tower: string; readonly attention: 'self' | 'cross'; readonly layer: number } = place): Promise<(dest: number, src: number) => number> {
  const tile = await engine.patternTile({ run, ...own, head, row: 0, rows: 99, col: 0, cols: 99 }, quiet);
  return (dest, src) => tile.values[dest * tile.cols + src] ?? NaN;
}

/** A sparse layer as a dense array of one head. */
function dense({ keys, weights, perRow, rows, cols }: LayerPatterns, head: number): Float32Array {
  const values = new Float32Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let slot = 0; slot < perRow; slot++) {
      const at = (head * rows + row) * perRow + slot;
      const key = keys[at] ?? 0xffff;
      if (key < cols) values[row * cols + key] = weights[at] ?? NaN;
    }
  }
  return values;
}

test('with a token put in, cells that both have are compared, and the others are empty', async () => {
  const engine = await opened();
  const [a, b] = [await runOf(engine, [5, 6, 7, 8]), await runOf(engine, [5, 6, 9, 7, 3])];
  const { towers } = await engine.alignRuns({ a, b }, quiet);
  const columns = towers[''] ?? [];
  assert.deepEqual(columns.map(({ kind }) => kind), ['same', 'same', 'only-b', 'same', 'changed']);
  const layer = await engine.patternDifference({ a, b, ...place }, quiet);
  for (let head = 0; head < layer.patterns.heads; head++) {
    const [own, other] = [await patternOf(engine, a, head), await patternOf(engine, b, head)];
    const tile = await engine.differenceTile({ a, b, ...place, head, row: 0, rows: 99, col: 0, cols: 99 }, quiet);
    assert.deepEqual([tile.rows, tile.cols], [5, 5]);
    let distance = 0;
    columns.forEach((row, at) => columns.forEach((col, along) => {
      const value = tile.values[at * 5 + along] ?? Infinity;
      const has = row.a !== null && row.b !== null && col.a !== null && col.b !== null;
      const expected = has ? other(row.b ?? 0, col.b ?? 0) - own(row.a ?? 0, col.a ?? 0) : NaN;
      assert.ok(has ? Math.abs(value - expected) < 1e-6 : Number.isNaN(value), `head ${head}, ${at} to ${along}: ${value}, ${expected} expected`);
      if (row.a !== null && row.b !== null) distance += Math.abs((col.b === null ? 0 : other(row.b, col.b)) - (col.a === null ? 0 : own(row.a, col.a)));
    }));
    assert.ok(Math.abs((layer.distance[head] ?? NaN) - distance / 2 / 4) < 1e-6, `distance of head ${head}`);
    assert.deepEqual([...dense(layer.patterns, head)], [...tile.values].map((value) => (Number.isNaN(value) ? 0 : value)), 'the sparse form has the same signs and sizes');
  }
});

test('of prompts longer than rows are sent whole, the strongest differences of each row are sent with their sign', async () => {
  const engine = await opened(fixture('llama-sdpa-20').path);
  const prompt = Array.from({ length: 80 }, (_, index) => (index * 37) % 90);
  const [a, b] = [await runOf(engine, prompt), await runOf(engine, prompt.map((id, at) => (at % 7 === 3 ? (id + 1) % 90 : id)))];
  const { patterns: { heads, rows, cols, perRow, cutoff, keys, weights } } = await engine.patternDifference({ a, b, ...place }, quiet);
  assert.ok(perRow < cols, `${perRow} of ${cols} keys are sent`);
  let negative = 0;
  for (let head = 0; head < heads; head++) {
    const { values } = await engine.differenceTile({ a, b, ...place, head, row: 0, rows, col: 0, cols }, quiet);
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * cols, (row + 1) * cols);
      const best = [...own].filter((value) => Math.abs(value) >= cutoff).sort((x, y) => Math.abs(y) - Math.abs(x)).slice(0, perRow);
      const sent = Array.from({ length: perRow }, (_, slot) => (head * rows + row) * perRow + slot).filter((slot) => (keys[slot] ?? cols) < cols);
      assert.deepEqual(sent.map((slot) => weights[slot]), best, `row ${row} of head ${head}`);
      for (const slot of sent) {
        assert.equal(weights[slot], own[keys[slot] ?? cols], `row ${row} of head ${head}`);
        if ((weights[slot] ?? 0) < 0) negative++;
      }
    }
  }
  assert.ok(negative > 0, 'differences have both signs');
});

test('a run compared with itself has no difference; texts with nothing in common are compared place by place', async () => {
  const engine = await opened();
  const a = await runOf(engine, [5, 6, 7]);
  const same = await engine.patternDifference({ a, b: a, ...place }, quiet);
  assert.ok(same.distance.every((value) => value === 0) && same.patterns.weights.every((value) => value === 0));
  const b = await runOf(engine, [50, 60, 70, 80, 90, 11, 12]);
  const { towers } = await engine.alignRuns({ a, b }, quiet);
  assert.deepEqual(towers['']?.filter(({ kind }) => kind === 'changed').length, 3);
  const other = await engine.patternDifference({ a, b, ...place }, quiet);
  assert.equal(other.patterns.rows, 7);
  assert.ok(other.distance.every((value) => value >= 0 && value <= 1 + 1e-6));
});

test('one token against another, and against many', async () => {
  const engine = await opened();
  const [a, b, c] = [await runOf(engine, [5]), await runOf(engine, [6]), await runOf(engine, [6, 5, 7])];
  const one = await engine.differenceTile({ a, b, ...place, head: 0, row: 0, rows: 9, col: 0, cols: 9 }, quiet);
  assert.deepEqual([...one.values], [0], 'both attend to themselves alone');
  const { towers } = await engine.alignRuns({ a, b: c }, quiet);
  assert.deepEqual(towers['']?.map(({ kind }) => kind), ['only-b', 'same', 'only-b']);
});

test('an encoder with a decoder: each tower is aligned, and cross attention by both', async () => {
  const engine = await opened(join(cellsFolder, 't5/torch-20.onnx'));
  const [a, b] = [await runOf(engine, [5, 9, 33, 17], [3, 7]), await runOf(engine, [5, 33, 17], [3, 8, 7])];
  const own = { tower: 'dec.', attention: 'cross', layer: 0 } as const;
  const tile = await engine.differenceTile({ a, b, ...own, head: 1, row: 0, rows: 9, col: 0, cols: 9 }, quiet);
  assert.deepEqual([tile.rows, tile.cols], [3, 4]);
  const [first, second] = [await patternOf(engine, a, 1, own), await patternOf(engine, b, 1, own)];
  // Decoder: the 8 was put in; encoder: the 9 was left out.
  assert.ok(Math.abs((tile.values[2 * 4 + 3] ?? NaN) - (second(2, 2) - first(1, 3))) < 1e-6);
  assert.ok(Number.isNaN(tile.values[1 * 4]) && Number.isNaN(tile.values[1]));
});

test('a run that is no longer kept is refused', async () => {
  const engine = await opened();
  const run = await runOf(engine, [1, 2]);
  assert.match((await refusal(Promise.resolve().then(() => engine.alignRuns({ a: run, b: 99 }, quiet)))).message, /no longer kept/);
});
