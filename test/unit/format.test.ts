import assert from 'node:assert/strict';
import test from 'node:test';
import { bytes, compact, count, counted, duration, fixed, inWords, percent, significant } from '../../src/shared/format.ts';

const table = <T>(name: string, format: (value: T) => string, rows: readonly (readonly [T, string])[]): void => {
  test(name, () => {
    for (const [value, expected] of rows) assert.equal(format(value), expected, `of ${String(value)}`);
  });
};

table<number>('three significant digits, a real minus sign, and powers of one width', significant, [
  [0, '0'], [0.0123456, '0.0123'], [-1.5, '−1.5'], [12345, '12300'], [2.28e-7, '2.28e−7'], [5e-5, '5.00e−5'], [0.001, '0.001'], [1e6, '1.00e6'], [-3e9, '−3.00e9'],
  [NaN, 'NaN'], [Infinity, '∞'], [-Infinity, '−∞'],
]);
table<number>('sizes count in thousands, and rounding reaches the next unit', bytes, [
  [0, '0 bytes'], [999, '999 bytes'], [1000, '1 kB'], [61_212_007, '61.2 MB'], [999_600, '1 MB'], [5e9, '5 GB'], [2.5e15, '2500 TB'],
]);
table<number>('parameters carry the letters of the papers', compact, [[54, '54'], [46_376, '46.4 k'], [15_204_004, '15.2 M'], [7.24e9, '7.24 B']]);
table<number>('counts are exact, with separators', count, [[0, '0'], [32_000, '32,000'], [-1234, '−1,234']]);
table<number>('durations go from milliseconds to minutes without a jump', duration, [
  [0.5, '0.5 ms'], [41.43, '41.4 ms'], [999, '999 ms'], [999.6, '1 s'], [1254, '1.25 s'], [59_940, '59.9 s'], [59_960, '1 min 0 s'], [185_000, '3 min 5 s'],
]);
table<number>('a share that is not nothing is never said to be nothing', percent, [[0, '0.0%'], [0.1234, '12.3%'], [0.0001, '<0.1%'], [1, '100.0%'], [NaN, 'NaN']]);

test('decimals, plurals and lists', () => {
  assert.equal(fixed(-0.5, 3), '−0.500');
  assert.equal(fixed(-0.0004, 3), '0.000', 'what is rounded to nothing has no sign');
  assert.equal(counted(1, 'layer'), '1 layer');
  assert.equal(counted(0, 'layer'), '0 layers');
  assert.equal(inWords([]), '');
  assert.equal(inWords(['a', 'b', 'c']), 'a, b and c');
});
