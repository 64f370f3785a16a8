/** From logits to the most probable tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topIndices, topPredictions } from '../../src/engine/analysis/predictions.ts';

const logits = Float32Array.from({ length: 5000 }, (_, id) => ((id * 7919) % 5003) / 500);
const decode = (id: number): string => `t${id}`;

test('the most probable tokens, most probable first, with the softmax over the whole vocabulary', () => {
  const { top, nan, position } = topPredictions(logits, 4, 10, decode);
  assert.deepEqual([nan, position], [false, 4]);
  const sorted = [...logits.entries()].sort((a, b) => b[1] - a[1]).slice(0, 10);
  assert.deepEqual(top.map(({ id, text, logit }) => [id, text, logit]), sorted.map(([id, logit]) => [id, `t${id}`, logit]));
  const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
  for (const { logit, probability } of top) assert.ok(Math.abs(probability - Math.exp(logit) / sum) < 1e-12);
});

test('ties go to the lower id, and there are no more predictions than tokens', () => {
  assert.deepEqual(topIndices(Float32Array.of(1, 3, 3, 2, 3), 2), [1, 2]);
  assert.deepEqual(topIndices(Float32Array.of(1, 3), 10), [1, 0]);
  assert.deepEqual(topIndices(Float32Array.of(1, 3), 0), []);
});

test('logits that are all minus infinity but one leave it certain', () => {
  const only = new Float32Array(9).fill(-Infinity);
  only[6] = 2;
  const { top } = topPredictions(only, 0, 2, decode);
  assert.deepEqual([top[0]?.id, top[0]?.probability, top[1]?.probability], [6, 1, 0]);
});

test('a row with NaN is said to have it, and nothing is predicted', () => {
  assert.deepEqual(topPredictions(Float32Array.of(1, NaN, 2), 3, 2, decode), { position: 3, top: [], nan: true });
});
