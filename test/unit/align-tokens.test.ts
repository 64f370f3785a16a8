/** Two token sequences beside each other: the fewest changes, every token once and in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignTokens } from '../../src/shared/align/alignTokens.ts';
import type { AlignedColumn } from '../../src/shared/align/alignTokens.ts';
import { mulberry32 } from '../../src/shared/experiment/random.ts';

const signs: Readonly<Record<AlignedColumn['kind'], string>> = { same: '=', changed: '~', 'only-a': '-', 'only-b': '+' };
const shape = (a: readonly number[], b: readonly number[]): string => alignTokens(a, b).map(({ kind }) => signs[kind]).join('');

test('what was put in, left out and changed', () => {
  assert.equal(shape([1, 2, 3], [1, 2, 3]), '===');
  assert.equal(shape([1, 2, 3], [1, 9, 3]), '=~=');
  assert.equal(shape([1, 2, 3], [1, 2, 8, 9, 3]), '==++=');
  assert.equal(shape([1, 2, 8, 9, 3], [1, 2, 3]), '==--=');
  assert.equal(shape([1, 2, 3, 4, 5], [0, 1, 2, 7, 4, 5]), '+==~==');
  assert.equal(shape([], [4, 5]), '++');
  assert.equal(shape([7], []), '-');
  assert.equal(shape([], []), '');
  assert.equal(shape([5], [5]), '=');
  assert.equal(shape([5], [6]), '~');
});

test('a token that comes again is not taken for an insertion elsewhere', () => {
  assert.deepEqual(alignTokens([3, 3, 3], [3, 3]).filter(({ kind }) => kind === 'same').length, 2);
  assert.deepEqual(alignTokens([1, 2, 1, 2, 9], [1, 2, 9]).map(({ a, b }) => [a, b]), [[0, 0], [1, 1], [2, null], [3, null], [4, 2]]);
});

/** Changes between two lists, by the recursion that defines them. */
function distance(a: readonly number[], b: readonly number[]): number {
  const known = new Map<string, number>();
  const from = (i: number, j: number): number => {
    if (i === a.length || j === b.length) return a.length - i + b.length - j;
    const key = `${i},${j}`;
    const found = known.get(key) ?? Math.min(from(i + 1, j + 1) + (a[i] === b[j] ? 0 : 1), from(i + 1, j) + 1, from(i, j + 1) + 1);
    known.set(key, found);
    return found;
  };
  return from(0, 0);
}

test('of many random pairs each has as few changes as there can be, and every token once, in order', () => {
  const uniform = mulberry32(11);
  const list = (): readonly number[] => Array.from({ length: Math.floor(uniform() * 12) }, () => Math.floor(uniform() * 4));
  for (let round = 0; round < 300; round++) {
    const [a, b] = [list(), list()];
    const columns = alignTokens(a, b);
    const where = `${a.join(' ')} against ${b.join(' ')}`;
    assert.deepEqual(columns.flatMap((column) => column.a ?? []), a.map((_, at) => at), where);
    assert.deepEqual(columns.flatMap((column) => column.b ?? []), b.map((_, at) => at), where);
    assert.equal(columns.filter(({ kind }) => kind !== 'same').length, distance(a, b), where);
    for (const { kind, a: inA, b: inB } of columns) {
      if (inA !== null && inB !== null) assert.equal(kind, a[inA] === b[inB] ? 'same' : 'changed', where);
      else assert.equal(kind, inB === null ? 'only-a' : 'only-b', where);
    }
  }
});

test('texts of another length altogether are paired in order where a table of them would not fit', () => {
  const [a, b] = [Array.from({ length: 9000 }, (_, at) => at), Array.from({ length: 9001 }, (_, at) => -at - 1)];
  const columns = alignTokens([7, ...a], [7, ...b]);
  assert.equal(columns.length, 9002);
  assert.deepEqual([columns[0]?.kind, columns[1]?.kind, columns.at(-1)?.kind], ['same', 'changed', 'only-b']);
});
