/** Rows of random tokens and the places that are looked at in them are what TransformerLens's protocol says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attentionAt } from '../../../src/engine/analysis/roles/attention.ts';
import { holds, meanAndError } from '../../../src/engine/analysis/roles/judge.ts';
import { elsewhere, glancesOf, repeatedRows } from '../../../src/engine/analysis/roles/repeats.ts';
import { mulberry32 } from '../../../src/shared/experiment/random.ts';

/** Uniform numbers that a test decides. */
function drawing(...values: readonly number[]): () => number {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
}

const pool = Array.from({ length: 40 }, (_, index) => index + 100);

test('a row is the start, a stretch of distinct tokens of the pool, and the same again; the other row of the two goes on otherwise', () => {
  for (const { ids, unrepeated, distractor } of repeatedRows({ start: [1, 2], pool, rows: 30, period: 9, uniform: mulberry32(1) })) {
    const [stretch, again, other] = [ids.slice(2, 11), ids.slice(11), unrepeated.slice(11)];
    assert.deepEqual(ids.slice(0, 2), [1, 2]);
    assert.deepEqual(again, stretch);
    assert.deepEqual(unrepeated.slice(0, 11), ids.slice(0, 11));
    assert.equal(new Set([...stretch, ...other]).size, 18, 'no token stands in it twice');
    assert.ok([...stretch, ...other].every((id) => pool.includes(id)));
    assert.ok(stretch.slice(0, 7).includes(distractor), 'the distractor is of the stretch, and neither what comes next nor what stands there');
  }
});

test('the same numbers give the same rows', () => {
  const rows = (): unknown => repeatedRows({ start: [], pool, rows: 2, period: 4, uniform: drawing(0.1, 0.7, 0.4, 0.9) });
  assert.deepEqual(rows(), rows());
});

test('heads are looked at one back, a period back, and a period less one back', () => {
  const glances = glancesOf(1, 3);
  assert.deepEqual(glances['previous-token'].map(({ dest, src }) => `${dest}>${src}`), ['1>0', '2>1', '3>2', '4>3', '5>4', '6>5']);
  assert.deepEqual(glances['duplicate-token'].map(({ dest, src }) => `${dest}>${src}`), ['4>1', '5>2', '6>3']);
  assert.deepEqual(glances.induction.map(({ dest, src }) => `${dest}>${src}`), ['4>2', '5>3', '6>4']);
});

test('elsewhere is every place up to the own one but the named, and nothing where there is no other', () => {
  const drawn = (uniform: number): readonly number[] => elsewhere([{ dest: 3, src: 1 }], () => uniform).map(({ src }) => src);
  assert.deepEqual([0, 0.4, 0.99].map((uniform) => drawn(uniform)[0]), [0, 2, 3]);
  assert.deepEqual(elsewhere([{ dest: 0, src: 0 }], drawing(0.5)), []);
});

test('attention is the mean of the named cells, head by head', () => {
  const pattern = { shape: [1, 2, 3, 3], data: Float32Array.of(1, 0, 0, 0.25, 0.75, 0, 0.5, 0.125, 0.375, 1, 0, 0, 0.5, 0.5, 0, 0.25, 0.25, 0.5) };
  assert.deepEqual([...attentionAt(pattern, [{ dest: 1, src: 0 }, { dest: 2, src: 1 }])], [0.1875, 0.375]);
  assert.ok(attentionAt(pattern, []).every(Number.isNaN));
});

test('a role takes both numbers, at their thresholds and above their controls', () => {
  const head = { address: 'L0H0', attention: 0.3, attentionControl: 0.1, effect: 0.05, effectControl: 0.01 };
  assert.equal(holds(head), true);
  for (const [lacking, change] of Object.entries({ attention: { attention: 0.29 }, 'its control': { attentionControl: 0.3 }, effect: { effect: 0.049 }, sign: { effect: -0.5 }, 'control of the effect': { effectControl: -0.06 }, number: { attention: NaN } })) {
    assert.equal(holds({ ...head, ...change }), false, lacking);
  }
});

test('the error of a mean is the deviation over the root of the count', () => {
  assert.deepEqual(meanAndError([1, 2, 3, 6]), { mean: 3, error: Math.sqrt(14 / 3 / 4) });
});
