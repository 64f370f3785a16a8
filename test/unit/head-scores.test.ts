/** Patterns that heads are held against, drawn by hand; and scores of attention that is simple enough to see them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectionOf, statedOffset } from '../../src/engine/analysis/scores/detections.ts';
import { repeatedRow } from '../../src/engine/analysis/scores/repeated.ts';
import { scoreHeads } from '../../src/engine/analysis/scores/score.ts';
import { mulberry32 } from '../../src/shared/experiment/random.ts';
import type { DetectionPattern, ScoreMeasure } from '../../src/shared/protocol/headApi.ts';

/** Rows of 1 and 0, a letter for each cell. */
function drawn(pattern: DetectionPattern, ids: readonly number[], causal = true): readonly string[] {
  const { size, cells, weights } = detectionOf(pattern, { ids, causal });
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => '.'));
  cells.forEach((cell, index) => {
    const row = rows[Math.floor(cell / size)];
    if (row) row[cell % size] = weights[index] === 1 ? '1' : '?';
  });
  return rows.map((row) => row.join(''));
}

test('each kind of head, on a text in which tokens come again', () => {
  const ids = [7, 8, 7, 8, 9];
  assert.deepEqual(drawn({ kind: 'previousToken' }, ids), ['.....', '1....', '.1...', '..1..', '...1.']);
  assert.deepEqual(drawn({ kind: 'duplicateToken' }, ids), ['.....', '.....', '1....', '.1...', '.....']);
  assert.deepEqual(drawn({ kind: 'induction' }, ids), ['.....', '.....', '.1...', '..1..', '.....']);
  assert.deepEqual(drawn({ kind: 'currentToken' }, ids), ['1....', '.1...', '..1..', '...1.', '....1']);
  assert.deepEqual(drawn({ kind: 'firstToken' }, ids), ['1....', '1....', '1....', '1....', '1....']);
  assert.deepEqual(drawn({ kind: 'offset', offset: -2 }, ids), ['.....', '.....', '1....', '.1...', '..1..']);
});

test('where attention looks both ways, duplicates and what stands behind them are found in both', () => {
  assert.deepEqual(drawn({ kind: 'duplicateToken' }, [7, 8, 7], false), ['..1', '...', '1..']);
  assert.deepEqual(drawn({ kind: 'induction' }, [7, 8, 7, 8], false), ['...1', '....', '.1..', '..1.']);
});

test('one token, and the same one again and again', () => {
  assert.deepEqual(drawn({ kind: 'induction' }, [4]), ['.']);
  assert.deepEqual(drawn({ kind: 'duplicateToken' }, [4, 4, 4]), ['...', '1..', '11.']);
  // Behind the first is the second, which is also the one itself.
  assert.deepEqual(drawn({ kind: 'induction' }, [4, 4, 4]), ['...', '.1.', '.11']);
});

test('offsets as they are stated on repeated tokens', () => {
  const kinds = ['previousToken', 'duplicateToken', 'induction', 'currentToken', 'firstToken'] as const;
  assert.deepEqual(kinds.map((kind) => statedOffset({ kind }, 20)), [-1, -20, -19, 0, null]);
  assert.deepEqual(kinds.map((kind) => statedOffset({ kind }, null)), [-1, null, null, 0, null]);
});

/** Two heads over three tokens: all to the token before (the first to itself), and evenly. */
const third = 1 / 3;
const attention = { shape: [1, 2, 3, 3], data: Float32Array.from([1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0.5, 0.5, 0, third, third, third]) };

function score(kind: 'previousToken' | 'currentToken' | 'firstToken', measure: ScoreMeasure, exclude: { readonly excludeBos?: boolean; readonly excludeCurrentToken?: boolean } = {}): readonly number[] {
  return [...scoreHeads(attention, 0, [detectionOf({ kind }, { ids: [1, 2, 3], causal: true })], { measure, excludeBos: false, excludeCurrentToken: false, ...exclude })];
}

const near = (ours: readonly number[], expected: readonly number[]): void => ours.forEach((value, at) => assert.ok(Object.is(value, expected[at]) || Math.abs(value - (expected[at] ?? NaN)) < 1e-6, `${ours.join(', ')}; ${expected.join(', ')} expected`));

test('a share of the positions that have a token before, or of all attention, or a distance', () => {
  near(score('previousToken', 'rows'), [1, (0.5 + third) / 2]);
  near(score('previousToken', 'mul'), [2 / 3, (0.5 + third) / 3]);
  // The first token has none before it: its attention to itself is off by 1.
  near(score('previousToken', 'abs'), [1 - 1 / 3, 1 - (1 + (0.5 + 0.5) + (third + 2 * third + third)) / 3]);
});

test('what is excluded counts neither for a pattern nor in all', () => {
  // Left of the first head: 2 to 1. Of the second: 1 to 1, 2 to 1 and 2 to itself.
  near(score('previousToken', 'mul', { excludeBos: true }), [1, third / (0.5 + 2 * third)]);
  near(score('currentToken', 'mul', { excludeBos: true, excludeCurrentToken: true }), [0, 0]);
  // Position 0 attends to itself, which is both at once and is left out once.
  near(score('previousToken', 'mul', { excludeBos: true, excludeCurrentToken: true }), [1, 1]);
  near(score('firstToken', 'rows', { excludeBos: true }), [NaN, NaN]);
});

test('repeated rows have each token of the stretch once, the same for the same seed, and are cut to their length', () => {
  const pool = Array.from({ length: 30 }, (_, id) => id + 100);
  const shape = { start: [1], end: [2], period: 8, length: 18 };
  const row = repeatedRow(pool, shape, mulberry32(5));
  assert.deepEqual(row, repeatedRow(pool, shape, mulberry32(5)));
  assert.notDeepEqual(row, repeatedRow(pool, shape, mulberry32(6)));
  assert.deepEqual([row[0], row.at(-1), row.length], [1, 2, 18]);
  const stretch = row.slice(1, 9);
  assert.deepEqual(row.slice(9, 17), stretch);
  assert.equal(new Set(stretch).size, 8);
  assert.ok(stretch.every((id) => pool.includes(id)));
  assert.deepEqual(repeatedRow(pool, { ...shape, length: 17 }, mulberry32(5)), [...row.slice(0, 16), 2]);
});
