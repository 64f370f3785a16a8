/** Where cells lie: axes, the grid's head size, the large view, labels and rows. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { edge, itemAt, labelStep, span } from '../../webview/lib/geometry/axis.ts';
import { gapPixels, headSide } from '../../webview/attention/geometry/grid.ts';
import { matrixSize, scrollTo } from '../../webview/lib/geometry/matrix.ts';
import { scrollToRow, seenRows } from '../../webview/lib/geometry/rows.ts';

const axes = [1, 2, 7, 11, 64, 200, 512, 1000].flatMap((count) => [1, 5, 64, 72, 144, 511, 512, 900].map((size) => ({ count, size })));

suite('axis', () => {
  test('each pixel belongs to the item whose edges hold it, in every combination of items and pixels', () => {
    for (const axis of axes) {
      for (let pixel = 0; pixel < axis.size; pixel++) {
        const item = itemAt(axis, pixel);
        assert.ok(edge(axis, item) <= pixel && pixel < edge(axis, item + 1), `${axis.count} items over ${axis.size} pixels: pixel ${pixel} was given to item ${item}, from ${edge(axis, item)} to ${edge(axis, item + 1)}`);
      }
      assert.equal(edge(axis, 0), 0);
      assert.equal(edge(axis, axis.count), axis.size);
    }
  });

  test('neighbours differ by one pixel at most', () => {
    for (const axis of axes) {
      const widths = Array.from({ length: axis.count }, (_, item) => edge(axis, item + 1) - edge(axis, item));
      assert.ok(Math.max(...widths) - Math.min(...widths) <= 1, `${axis.count} over ${axis.size}: ${Math.min(...widths)} to ${Math.max(...widths)}`);
    }
  });

  test('a place outside is clamped, and an item always has a pixel to be marked on', () => {
    for (const axis of axes) {
      assert.equal(itemAt(axis, -10), 0);
      assert.equal(itemAt(axis, axis.size + 10), axis.count - 1);
      for (let item = 0; item < axis.count; item++) {
        const { start, length } = span(axis, item);
        assert.ok(length >= 1 && start >= 0 && start < axis.size);
      }
    }
  });

  test('labels stand as far apart as they need, and no farther than the next round number', () => {
    assert.equal(labelStep({ count: 10, size: 200 }, 14), 1);
    assert.equal(labelStep({ count: 100, size: 700 }, 14), 2);
    assert.equal(labelStep({ count: 512, size: 512 }, 14), 20);
  });
});

suite('grid', () => {
  const space = { width: 860, height: 500, heads: 12, layers: 12, devicePixelRatio: 1 };

  test('a row of heads fits the width', () => {
    for (const width of [380, 860, 1460]) {
      for (const heads of [1, 4, 12, 16]) assert.ok((headSide({ ...space, width, heads }) + gapPixels(1)) * heads <= width);
    }
  });

  test('where all layers fit the height at a good size, they do', () => {
    const side = headSide({ ...space, heads: 4, layers: 3 });
    assert.ok((side + gapPixels(1)) * 3 <= 500 && (side + gapPixels(1)) * 3 > 480, `side ${side}`);
  });

  test('heads never get too small to be hit, and the grid scrolls instead', () => {
    assert.equal(headSide({ ...space, width: 380, heads: 64 }), 20);
  });

  test('a side is a whole number of device pixels', () => {
    for (const devicePixelRatio of [1, 1.25, 1.5, 2, 3]) assert.ok(Number.isInteger(Math.round(headSide({ ...space, devicePixelRatio }) * devicePixelRatio * 1e6) / 1e6));
  });
});

suite('large view', () => {
  const space = { width: 600, height: 400, rows: 11, cols: 11, zoom: 1, devicePixelRatio: 1 };

  test('the whole pattern fits, square, its cells even and no larger than is good to look at', () => {
    const size = matrixSize(space);
    assert.deepEqual(size.across, { count: 11, size: 11 * 36 });
    assert.deepEqual(size.down, size.across);
    assert.equal(matrixSize({ ...space, rows: 1, cols: 1 }).across.size, 44);
  });

  test('five hundred tokens fill what is there, lines between cells are dropped', () => {
    const size = matrixSize({ ...space, rows: 512, cols: 512 });
    assert.equal(size.across.size, 400);
    assert.equal(size.ruled, false);
  });

  test('zoom makes the pattern larger and leaves what is seen as it is', () => {
    const [near, far] = [matrixSize({ ...space, rows: 512, cols: 512, zoom: 4 }), matrixSize({ ...space, rows: 512, cols: 512 })];
    assert.equal(near.across.size, 1600);
    assert.deepEqual([near.width, near.height], [far.width, far.height]);
  });

  test('scrolling moves only as far as it must', () => {
    assert.equal(scrollTo(100, 50, 120, 10), 100);
    assert.equal(scrollTo(100, 50, 90, 10), 90);
    assert.equal(scrollTo(100, 50, 160, 10), 120);
  });
});

suite('rows of a table', () => {
  test('only what is seen is drawn, with a few to spare, at any scroll offset', () => {
    for (const top of [0, 1, 21, 22, 1000, 22 * 990, 22 * 1000]) {
      const { from, until } = seenRows(1000, top, 440);
      assert.ok(from * 22 <= Math.min(top, 22000) && (until * 22 >= top + 440 || until === 1000), `at ${top}: ${from} to ${until}`);
      assert.ok(until - from <= 30);
    }
    assert.deepEqual(seenRows(0, 0, 440), { from: 0, until: 0 });
  });

  test('a row comes into sight by the shortest way', () => {
    assert.equal(scrollToRow(0, 220, 5), 0);
    assert.equal(scrollToRow(0, 220, 10), 22);
    assert.equal(scrollToRow(220, 220, 3), 66);
  });
});
