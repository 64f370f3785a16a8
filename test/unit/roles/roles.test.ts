/** What roles of heads are made of: rows of random tokens, places of names, and the judgement of numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf, holds, isScale, lowering, scaleOf, takenOver } from '../../../src/engine/analysis/roles/judge.ts';
import { namedPlaces } from '../../../src/engine/analysis/roles/names.ts';
import { detectionAt, elsewhere } from '../../../src/engine/analysis/roles/places.ts';
import { repeatedRows } from '../../../src/engine/analysis/roles/repeats.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
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

test('elsewhere is every place up to the own one but the named, and nothing where there is no other', () => {
  const cellsOf = (dest: number, src: number, uniform: number): readonly number[] => [...elsewhere(detectionAt(4, [{ dest, src }]), drawing(uniform)).cells];
  assert.deepEqual([0, 0.4, 0.99].map((uniform) => cellsOf(3, 1, uniform)[0]), [12, 14, 15], 'from the last of four positions, to the first, third and last');
  assert.deepEqual(cellsOf(0, 0, 0.5), []);
});

test('a role takes both numbers, at their thresholds and above their controls', () => {
  const head = { address: 'L0H0', attention: 0.3, attentionControl: 0.1, effect: 0.05, effectControl: 0.01 };
  assert.equal(holds(head), true);
  for (const [lacking, change] of Object.entries({ attention: { attention: 0.29 }, 'its control': { attentionControl: 0.3 }, effect: { effect: 0.049 }, sign: { effect: -0.5 }, 'control of the effect': { effectControl: -0.06 }, number: { attention: NaN } })) {
    assert.equal(holds({ ...head, ...change }), false, lacking);
  }
});

test('numbers that say nothing are left out, and no head has the role', () => {
  const head = { address: 'L0H0', attention: 1, attentionControl: 0, effect: 1, effectControl: 0 };
  assert.deepEqual(findingOf('induction', null, [head]).heads, [{ ...head, holds: true }]);
  assert.deepEqual(findingOf('induction', 'there is nothing', [head]), { role: 'induction', untested: 'there is nothing', heads: [] });
});

test('the error of a mean is the deviation over the root of the count, and a mean within three of it is no scale', () => {
  assert.deepEqual(scaleOf([1, 2, 3, 6]), { mean: 3, error: Math.sqrt(14 / 3 / 4) });
  assert.deepEqual([{ mean: 3.1, error: 1 }, { mean: 3, error: 1 }, { mean: -9, error: 1 }, { mean: 1, error: NaN }].map(isScale), [true, false, false, false]);
});

test('a head lowers the answer or the other name, and counts by its attention to that one', () => {
  assert.deepEqual(lowering({ preference: 0.9, effect: -0.3 }), { attention: 0.9, effect: 0.3 }, 'it looks at the answer and lowers it');
  assert.deepEqual(lowering({ preference: -0.9, effect: 0.3 }), { attention: 0.9, effect: 0.3 }, 'it looks at the other name and lowers that');
  assert.deepEqual(lowering({ preference: 0.9, effect: 0.3 }), { attention: -0.9, effect: 0.3 }, 'a name mover');
});

test('a head steps in as far as it matters more than otherwise, and matters at all', () => {
  assert.ok(Math.abs(takenOver(0.4, 0.1) - 0.3) < 1e-12);
  assert.equal(takenOver(0.4, -0.2), 0.4, 'it harmed before');
  assert.equal(takenOver(-0.1, -0.3), -0.1, 'it harms less, which is no help');
});

/** Tokens of words, numbered by spelling. */
const tokensOf = (text: string): readonly TokenInfo[] => text.split(/(?= )/).map((word) => tokenOf(word));
const ids = new Map<string, number>();
function tokenOf(text: string): TokenInfo {
  if (!ids.has(text)) ids.set(text, ids.size);
  return { id: ids.get(text) ?? 0, text, start: 0, end: 0, special: false, approximate: false };
}

test('names are found with and without their space, up to the measured position, and prompts of another form say why', () => {
  const tokens = tokensOf('Lily and Ben went. Ben gave a ball to Ben Lily');
  const asked = { target: tokenOf(' Lily'), distractor: tokenOf(' Ben'), position: 8 };
  assert.deepEqual(namedPlaces(tokens, asked), { answer: 0, first: 2, second: 4 });
  assert.equal(namedPlaces(tokens, { ...asked, target: tokenOf(' Max') }), 'the target “Max” stands nowhere in the clean prompt, not once');
  assert.equal(namedPlaces(tokens, { ...asked, position: 10 }), 'the target “Lily” stands twice in the clean prompt, not once');
  assert.equal(namedPlaces(tokens, { ...asked, position: 3 }), 'the distractor “Ben” stands once in the clean prompt, not twice');
  assert.equal(namedPlaces(tokens, { ...asked, position: 9 }), 'the distractor “Ben” stands 3 times in the clean prompt, not twice');
});
