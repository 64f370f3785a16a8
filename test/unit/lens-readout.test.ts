/** A row of logits read: probabilities, entropy, tokens that are ruled out, NaN. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLogits } from '../../src/engine/analysis/lens/readout.ts';

const near = (value: number, expected: number): void => assert.ok(Math.abs(value - expected) < 1e-6, `${value}, ${expected} expected`);

test('entropy and probabilities of distributions that are known', () => {
  const even = readLogits(new Float32Array(8).fill(3), 2);
  near(even.entropy, Math.log(8));
  near(Math.exp(3 - even.logSum), 1 / 8);
  assert.deepEqual(even.best, [0, 1], 'equal ones in order');
  const odds = readLogits(Float32Array.from([Math.log(3), 0]), 5);
  near(odds.entropy, -(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)));
  assert.deepEqual(odds.best, [0, 1]);
});

test('tokens that are ruled out add nothing; large logits do not overflow', () => {
  const ruled = readLogits(Float32Array.from([-Infinity, 5, -Infinity, 5]), 1);
  near(ruled.entropy, Math.log(2));
  const large = readLogits(Float32Array.from([2 ** 127, 0]), 1);
  near(large.entropy, 0);
  assert.equal(Math.exp(2 ** 127 - large.logSum), 1);
});

test('one NaN leaves nothing to say', () => {
  const { best, entropy, logSum } = readLogits(Float32Array.from([1, NaN, 2]), 3);
  assert.deepEqual([best.length, entropy, logSum], [0, NaN, NaN]);
});
