/** Sparse patterns looked up, made into levels and pixels, measured and listed. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LayerPatterns, TokenInfo } from '../../src/shared/protocol/engineApi.ts';
import type { Axes } from '../../webview/attention/model/read.ts';
import { sparsePatterns } from '../../src/engine/analysis/patterns.ts';
import { FLOOR, levelOf, MASKED, MISSING, NAN_LEVEL } from '../../webview/lib/color/levels.ts';
import { makePalette } from '../../webview/lib/color/palette.ts';
import { emptyField, headField, tileField } from '../../webview/attention/pattern/field.ts';
import { habitsOf } from '../../webview/attention/pattern/habits.ts';
import { paintField, wholeWindow } from '../../webview/lib/matrix/paint.ts';
import { hasNan, isWhole, nanHeads, readersOf, sourcesOf, weightAt } from '../../webview/attention/pattern/rows.ts';
import { closedBy, isVisible } from '../../webview/attention/pattern/visibility.ts';
import { spreadTile } from '../../webview/attention/model/beside.ts';
import { emptyBeside } from '../../webview/attention/pattern/difference.ts';
import { arrange, furtherName, NO_SOURCE, rowsOfHead, rowsOfLayers } from '../../webview/attention/table/data.ts';
import { besideRowsOfHead } from '../../webview/attention/table/further.ts';

/** A layer as the engine makes it, from a function of the weights. */
function layerOf(heads: number, length: number, weight: (head: number, row: number, col: number) => number): { readonly layer: LayerPatterns; readonly dense: Float32Array } {
  const dense = new Float32Array(heads * length * length);
  for (let head = 0; head < heads; head++) for (let row = 0; row < length; row++) for (let col = 0; col < length; col++) dense[(head * length + row) * length + col] = weight(head, row, col);
  return { layer: sparsePatterns({ shape: [1, heads, length, length], data: dense }, { tower: '', attention: 'self', layer: 0 }), dense };
}

const previousToken = (_: number, row: number, col: number): number => (col === Math.max(row - 1, 0) ? 1 : 0);
const causal = (length: number) => ({ rows: length, cols: length, causal: true, closed: null });
const same = (tokens: readonly TokenInfo[]) => (): Axes => ({ dest: tokens, source: tokens });
const tokens = (ids: readonly number[]): readonly TokenInfo[] => ids.map((id) => ({ id, text: `t${id}`, start: 0, end: 0, special: false, approximate: false }));
const ramp = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

suite('look-ups', () => {
  const spread = (head: number, row: number, col: number): number => (col <= row ? 1 / (1 + head + ((row * 7 + col * 13) % 97)) : 0);

  test('a whole layer gives back every weight', () => {
    const { layer, dense } = layerOf(2, 12, spread);
    assert.ok(isWhole(layer));
    dense.forEach((weight, at) => assert.equal(weightAt(layer, Math.floor(at / 144), Math.floor(at / 12) % 12, at % 12), weight));
  });

  test('a long layer gives the strongest sources in order, and says what was not sent', () => {
    const { layer, dense } = layerOf(1, 100, spread);
    assert.ok(!isWhole(layer));
    const row = dense.subarray(99 * 100, 100 * 100);
    const strongest = [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b).filter((col) => (row[col] ?? 0) >= layer.cutoff).slice(0, layer.perRow);
    assert.deepEqual(sourcesOf(layer, 0, 99).map((source) => source.weight), strongest.map((col) => row[col]));
    const left = ramp(100).find((col) => !sourcesOf(layer, 0, 99).some((source) => source.at === col)) ?? 0;
    assert.equal(weightAt(layer, 0, 99, left), undefined);
  });

  test('readers of a column are the rows that attend to it', () => {
    const { layer } = layerOf(1, 8, previousToken);
    assert.deepEqual(readersOf(layer, 0, 3), [{ at: 4, weight: 1 }]);
  });

  test('rows and heads with NaN are known', () => {
    const { layer } = layerOf(3, 5, (head, row, col) => (head === 2 && row === 1 ? NaN : previousToken(head, row, col)));
    assert.deepEqual(nanHeads(layer), [2]);
    assert.ok(hasNan(layer, 2, 1) && !hasNan(layer, 2, 2) && !hasNan(layer, 1, 1));
  });
});

suite('visibility', () => {
  test('a causal row sees itself and what is before it, and all of a past', () => {
    assert.ok(isVisible(causal(4), 2, 2) && !isVisible(causal(4), 2, 3));
    assert.ok(isVisible({ ...causal(4), cols: 7 }, 0, 3) && !isVisible({ ...causal(4), cols: 7 }, 0, 4));
  });

  test('zeros of a mask input close their columns', () => {
    assert.equal(closedBy([1, 1, 1]), null);
    assert.ok(!isVisible({ rows: 3, cols: 3, causal: false, closed: closedBy([1, 0, 1]) }, 2, 1));
  });
});

suite('fields', () => {
  test('cells are the levels of their weights; what the mask closes is empty, what is zero is not', () => {
    const { layer, dense } = layerOf(2, 9, (head, row, col) => (col > row ? 0 : head === 0 ? 1 / (row + 1) : Number(col === 0)));
    for (const head of [0, 1]) {
      const { levels } = headField(emptyField(causal(9), 100), layer, head, 'linear');
      levels.forEach((level, at) => {
        const [row, col] = [Math.floor(at / 9), at % 9];
        assert.equal(level, col > row ? MASKED : levelOf(dense[head * 81 + at] ?? NaN, 'linear'), `head ${head}, ${row}, ${col}`);
      });
    }
  });

  test('a weight that the mask should have made zero is shown', () => {
    const { layer } = layerOf(1, 4, (_, row, col) => (row === 0 && col === 3 ? 0.5 : 0));
    assert.equal(headField(emptyField(causal(4), 4), layer, 0, 'linear').levels[3], levelOf(0.5, 'linear'));
  });

  test('drawn coarser than it is, a stripe of single cells is not lost and nothing masked appears', () => {
    const { layer } = layerOf(1, 500, previousToken);
    const { rows, levels } = headField(emptyField(causal(500), 60), layer, 0, 'linear');
    assert.equal(rows, 60);
    for (let row = 0; row < 60; row++) {
      assert.equal(levels[row * 60 + row], levelOf(1, 'linear'), `block ${row} of the diagonal`);
      for (let col = row + 1; col < 60; col++) assert.equal(levels[row * 60 + col], MASKED);
    }
  });

  test('a row with NaN is marked, as far as the mask leaves it open', () => {
    const { layer } = layerOf(1, 5, (_, row, col) => (row === 2 ? NaN : previousToken(0, row, col)));
    const { levels } = headField(emptyField(causal(5), 5), layer, 0, 'linear');
    assert.deepEqual([...levels.subarray(10, 15)], [NAN_LEVEL, NAN_LEVEL, NAN_LEVEL, MASKED, MASKED]);
  });

  test('a tile and the sparse layer of the same weights make the same field', () => {
    const { layer, dense } = layerOf(1, 20, (_, row, col) => (col <= row ? (col + 1) / 40 : 0));
    const empty = emptyField(causal(20), 20);
    assert.deepEqual(tileField(empty, { rows: 20, cols: 20, values: dense }, 'sqrt'), headField(empty, layer, 0, 'sqrt'));
  });
});

suite('paint', () => {
  const palette = makePalette({ background: [10, 20, 30], foreground: [255, 255, 255], accent: [0, 100, 200], error: [200, 0, 0], highContrast: false });
  const paint = (length: number, side: number, ruled = false): { readonly pixels: Uint32Array; readonly levels: Uint8Array } => {
    const { layer } = layerOf(1, length, previousToken);
    const field = headField(emptyField(causal(length), side), layer, 0, 'linear');
    const pixels = new Uint32Array(side * side);
    paintField(field, wholeWindow(field, side, ruled), palette, { pixels, stride: side, left: 0, top: 0 });
    return { pixels, levels: field.levels };
  };

  test('each cell fills its pixels', () => {
    const { pixels, levels } = paint(5, 15);
    pixels.forEach((pixel, at) => assert.equal(pixel, palette.pixels[levels[Math.floor(Math.floor(at / 15) / 3) * 5 + Math.floor((at % 15) / 3)] ?? 0]));
  });

  test('ruled, one line of background stands between cells', () => {
    const { pixels } = paint(5, 60, true);
    for (let at = 0; at < 60; at++) assert.equal(pixels[11 * 60 + at], palette.pixels[MASKED], `pixel ${at} of the line`);
    assert.equal(pixels[60 + 1], palette.pixels[levelOf(1, 'linear')]);
  });

  test('a window shows its part of the whole', () => {
    const { layer } = layerOf(1, 10, previousToken);
    const field = headField(emptyField(causal(10), 10), layer, 0, 'linear');
    const whole = new Uint32Array(100 * 100);
    paintField(field, wholeWindow(field, 100), palette, { pixels: whole, stride: 100, left: 0, top: 0 });
    const part = new Uint32Array(30 * 20);
    paintField(field, { ...wholeWindow(field, 100), left: 25, top: 35, width: 30, height: 20 }, palette, { pixels: part, stride: 30, left: 0, top: 0 });
    part.forEach((pixel, at) => assert.equal(pixel, whole[(35 + Math.floor(at / 30)) * 100 + 25 + (at % 30)]));
  });

  test('NaN is hatched in its own colour', () => {
    const { layer } = layerOf(1, 3, (_, row) => (row === 2 ? NaN : 0.5));
    const field = headField(emptyField(causal(3), 3), layer, 0, 'linear');
    const pixels = new Uint32Array(90 * 90);
    paintField(field, wholeWindow(field, 90), palette, { pixels, stride: 90, left: 0, top: 0 });
    const seen = new Set(pixels.subarray(80 * 90, 80 * 90 + 30));
    assert.deepEqual([...seen].sort(), [palette.pixels[MASKED], palette.pixels[NAN_LEVEL]].sort());
  });
});

suite('habits', () => {
  const ids = [5, 6, 7, 8, 5, 6, 7, 8];
  const best = (weight: (head: number, row: number, col: number) => number): string | undefined => habitsOf(layerOf(1, 8, weight).layer, 0, tokens(ids))[0]?.name;

  test('a head is named by what it does', () => {
    assert.equal(best(previousToken), 'previous token');
    assert.equal(best((_, row, col) => Number(col === row)), 'itself');
    assert.equal(best((_, __, col) => Number(col === 0)), 'first token');
    assert.equal(best((_, row, col) => Number(col === (row >= 4 ? row - 3 : 0))), 'token after the same one (induction)');
    assert.equal(best((_, row, col) => Number(col === (row >= 4 ? row - 4 : row))), 'same token before');
  });

  test('resting on the first token is not what a head is named by, where it does something else', () => {
    const induction = (_: number, row: number, col: number): number => (col === 0 ? 0.6 : 0.4 * Number(col === (row >= 4 ? row - 3 : 0)));
    assert.equal(best(induction), 'token after the same one (induction)');
  });

  test('one token alone has no habit', () => {
    assert.deepEqual(habitsOf(layerOf(1, 1, () => 1).layer, 0, tokens([5])), []);
  });
});

suite('tables', () => {
  const weights = (head: number, row: number, col: number): number => (col > row ? 0 : ((head * 31 + row * 17 + col * 5) % 23) / 23);
  const { layer, dense } = layerOf(3, 10, weights);

  test('all heads: a row a destination, with its strongest source', () => {
    const data = rowsOfLayers([layer]);
    assert.equal(data.head.length, 30);
    data.weight.forEach((weight, at) => assert.equal(weight, Math.max(...dense.subarray(at * 10, at * 10 + 10))));
  });

  test('one head: a row for each cell that the mask leaves open', () => {
    const data = rowsOfHead({ tower: '', attention: 'self', layer: 0, head: 1 }, { rows: 10, cols: 10, values: dense.subarray(100, 200) }, causal(10));
    assert.equal(data.weight.length, 55);
    data.weight.forEach((weight, at) => assert.equal(weight, dense[100 + (data.destination[at] ?? 0) * 10 + (data.source[at] ?? 0)]));
  });

  test('sorted by weight, NaN first; ties in the order of the data', () => {
    const data = { ...rowsOfLayers([layer]), weight: Float32Array.from({ length: 30 }, (_, at) => (at === 17 ? NaN : at % 4)) };
    const sorted = [...arrange(data, same(tokens(ramp(10))), '', { column: 'weight', descending: true })];
    const expected = ramp(30).filter((at) => at !== 17).sort((a, b) => (b % 4) - (a % 4) || a - b);
    assert.deepEqual(sorted, [17, ...expected]);
  });

  test('a filter finds heads by address and rows by either token', () => {
    const data = rowsOfLayers([layer]);
    assert.deepEqual([...arrange(data, same(tokens(ramp(10))), 'l0h2', null)], ramp(10).map((at) => 20 + at));
    const found = arrange(data, same(tokens(ramp(10))), 't7', null);
    for (let at = 0; at < 30; at++) assert.equal(found.includes(at), data.destination[at] === 7 || data.source[at] === 7, `row ${at}`);
    assert.equal(arrange(data, same(tokens(ramp(10))), 'nothing', null).length, 0);
  });

  test('a row without a source says so', () => {
    const { layer: none } = layerOf(1, 100, () => 0.001);
    assert.equal(rowsOfLayers([none]).source[0], NO_SOURCE);
  });
});

suite('one of two prompts on the columns of both', () => {
  const none = { rows: [], cols: [] };
  const tile = { rows: 2, cols: 2, values: Float32Array.of(1, 0, 0.25, 0.75) };
  const axes = { dest: [0, null, 1], source: [0, null, 1] };

  test('its weights stand at its own columns, and nowhere else', () => {
    assert.deepEqual([...spreadTile(tile, axes).values], [1, 0, 0, 0, 0, 0, 0.25, 0, 0.75]);
  });

  test('what it has not is hatched where the mask is open, also of more cells than are drawn', () => {
    const missing = { rows: [false, true, false], cols: [false, true, false] };
    assert.deepEqual([...emptyBeside(causal(3), 3, missing).levels], [FLOOR, MASKED, MASKED, MISSING, MISSING, MASKED, FLOOR, MISSING, FLOOR]);
    const coarse = emptyBeside(causal(4), 2, { rows: [false, false, true, true], cols: [] });
    assert.deepEqual([...coarse.levels], [FLOOR, MASKED, MISSING, MISSING]);
  });

  test('a row of the table has both weights; what is not there is sorted last either way', () => {
    const first = spreadTile(tile, axes);
    const second = { rows: 3, cols: 3, values: Float32Array.of(1, 0, 0, 0.5, 0.5, 0, 0.125, 0.375, 0.5) };
    const data = besideRowsOfHead({ tower: '', attention: 'self', layer: 0, head: 0 }, { first, second }, causal(3), { first: { rows: [false, true, false], cols: [false, true, false] }, second: none });
    assert.deepEqual([...data.weight], [1, NaN, NaN, 0.25, NaN, 0.75]);
    assert.deepEqual([...data.further?.[1]?.values ?? []], [0, NaN, NaN, -0.125, NaN, -0.25]);
    const by = (descending: boolean): readonly number[] => [...arrange(data, same(tokens(ramp(3))), '', { column: furtherName(1), descending })];
    assert.deepEqual(by(true), [0, 3, 5, 1, 2, 4]);
    assert.deepEqual(by(false), [5, 3, 0, 1, 2, 4]);
  });
});
