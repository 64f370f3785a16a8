/** What views are sent of attention: whole rows of short prompts, the strongest keys of long ones, rectangles on request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patternTile, sparsePatterns } from '../../src/engine/analysis/patterns.ts';

/** [1, heads, size, size], each row uneven and adding up to one, from a fixed generator. */
function pattern(heads: number, size: number): { readonly shape: readonly number[]; readonly data: Float32Array } {
  const data = new Float32Array(heads * size * size);
  let state = 7;
  for (let row = 0; row < heads * size; row++) {
    const raw = Array.from({ length: (row % size) + 1 }, () => {
      state = Math.imul(state, 48271) % 0x7fffffff;
      return Math.exp(6 * Math.abs(state / 0x7fffffff));
    });
    const sum = raw.reduce((all, weight) => all + weight, 0);
    data.set(raw.map((weight) => weight / sum), row * size);
  }
  return { shape: [1, heads, size, size], data };
}

test('rows of up to 64 keys are sent whole', () => {
  const given = pattern(2, 64);
  const sent = sparsePatterns(given, { tower: '', attention: 'self', layer: 3 });
  assert.deepEqual([sent.perRow, sent.cutoff, sent.layer], [64, 0, 3]);
  assert.deepEqual(sent.weights, given.data);
  assert.ok(sent.keys.every((key, index) => key === index % 64));
});

test('of longer rows, the 16 strongest keys at or above the cut-off are sent, strongest first', () => {
  const size = 200;
  const given = pattern(3, size);
  const { keys, weights, perRow, cutoff } = sparsePatterns(given, { tower: '', attention: 'self', layer: 0 });
  assert.deepEqual([perRow, cutoff], [16, 0.005]);
  for (let row = 0; row < 3 * size; row++) {
    const wanted = [...given.data.subarray(row * size, (row + 1) * size)].map((weight, key) => ({ weight, key }))
      .filter(({ weight }) => weight >= cutoff).sort((a, b) => b.weight - a.weight || a.key - b.key).slice(0, perRow);
    const unused = Array<number>(perRow - wanted.length);
    assert.deepEqual([...keys.subarray(row * perRow, (row + 1) * perRow)], [...wanted.map(({ key }) => key), ...unused.fill(0xffff)], `keys of row ${row}`);
    assert.deepEqual([...weights.subarray(row * perRow, (row + 1) * perRow)], [...wanted.map(({ weight }) => weight), ...unused.fill(0)], `weights of row ${row}`);
  }
});

test('a head takes less than 64 kB however long the prompt: of long ones fewer keys a row are sent, still the strongest', () => {
  for (const [size, keys] of [[512, 16], [1024, 10], [2048, 5]] as const) {
    const given = pattern(1, size);
    const sent = sparsePatterns(given, { tower: '', attention: 'self', layer: 0 });
    assert.equal(sent.perRow, keys, `${size} positions`);
    assert.ok(sent.keys.byteLength + sent.weights.byteLength < 64_000, `${size} positions: ${sent.keys.byteLength + sent.weights.byteLength} bytes`);
    const row = given.data.subarray(200 * size, 201 * size);
    assert.equal(sent.weights[200 * keys], Math.max(...row), `${size} positions: a row begins with its strongest`);
  }
});

for (const size of [10, 100]) {
  test(`rows of ${size} keys that hold NaN are named`, () => {
    const given = pattern(2, size);
    given.data[3 * size + 1] = NaN;
    given.data[(size + 5) * size] = -NaN;
    assert.deepEqual([...sparsePatterns(given, { tower: '', attention: 'self', layer: 0 }).nanRows], [3, size + 5]);
  });
}

test('a tile is the rectangle asked for, cut where the pattern ends', () => {
  const given = pattern(2, 10);
  const tile = patternTile(given, 1, { row: 8, rows: 5, col: 2, cols: 3 });
  assert.deepEqual([tile.rows, tile.cols], [2, 3]);
  assert.deepEqual([...tile.values], [8, 9].flatMap((row) => [2, 3, 4].map((col) => given.data[(10 + row) * 10 + col])));
  assert.deepEqual([...patternTile(given, 2, { row: 0, rows: 5, col: 0, cols: 5 }).values], [], 'there is no such head');
});
