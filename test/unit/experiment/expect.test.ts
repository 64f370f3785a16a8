/** An expectation passes, or says expected, got and the nearest sites; what has no value says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Expectation } from '../../../src/shared/experiment/experiment.ts';
import { judge } from '../../../src/shared/experiment/expect.ts';
import { sameCell } from '../../../src/shared/experiment/cellAddress.ts';
import { noCells } from '../../../src/shared/experiment/result.ts';
import type { Measured } from '../../../src/shared/experiment/strongest.ts';
import { heads, headValues, positions, positionValues } from './frames.ts';

const measured: Measured = { frame: heads, values: headValues };
const cell = (address: string, limits: { readonly atLeast?: number; readonly atMost?: number }, field: 'recovered' | 'effect' | 'metric' = 'recovered'): Expectation => ({ kind: 'cell', address, field, ...limits });
const top = (count: number, ...includes: readonly string[]): Expectation => ({ kind: 'top', top: count, includes });
const said = (expectation: Expectation, of: Measured = measured): string => {
  const [verdict] = judge([expectation], of);
  return `${verdict?.passed ? 'passed' : 'failed'} ${verdict?.text ?? ''}`;
};

test('a cell within its limits passes, at the limits too', () => {
  assert.equal(said(cell('L1H0', { atLeast: 0.5 })), 'passed L1H0: recovered 0.62, expected at least 0.5');
  assert.equal(said(cell('L0H1.z', { atLeast: 0.3, atMost: 0.4 })), 'passed L0H1.z: recovered 0.4, expected at least 0.3 and at most 0.4');
  assert.equal(said(cell('L2H0', { atMost: -1.5 }, 'effect')), 'passed L2H0: effect −1.6, expected at most -1.5');
  assert.equal(said(cell('L2H0', { atMost: 1 }, 'metric')), 'passed L2H0: metric 0.4, expected at most 1');
});

test('a cell outside its limits says expected, got and the nearest sites: strong ones of its own and the next layers first', () => {
  assert.equal(said(cell('L0H0', { atLeast: 0.5 })), 'failed L0H0: recovered expected at least 0.5, got 0.31; nearest: L1H0 0.62, L0H1 0.4, L2H0 −0.8');
});

test('what is rounded for reading never looks like the limit that it misses', () => {
  const values = { ...headValues, metrics: headValues.metrics.map((metric, index) => (index === 0 ? 2.99992 : metric)) };
  assert.match(said(cell('L0H0', { atLeast: 0.5 }), { frame: heads, values }), /at least 0\.5, got 0\.49996;/);
});

test('a cell that changed nothing, has no value, or is not there says so', () => {
  assert.equal(said(cell('L1H1', { atLeast: 0 })), 'failed L1H1: the edit changed no element, so that it says nothing');
  assert.match(said(cell('L0H0', { atLeast: 0 }), { frame: heads, values: { ...headValues, metrics: headValues.metrics.map(() => NaN) } }), /^failed L0H0: it has no value, since the logits hold NaN$/);
  assert.equal(said(cell('L0H0', { atLeast: 0 }), { frame: heads, values: noCells(6) }), 'failed L0H0: it was not run');
  assert.equal(said(cell('L1H9', { atLeast: 0 })), 'failed L1H9 is no cell of this experiment; did you mean L1H0; the strongest: L2H0 −0.8, L1H0 0.62, L0H1 0.4');
  const equal = { frame: { ...heads, corrupted: 4, pairs: heads.pairs.map((pair) => ({ ...pair, corruptedMetric: 4 })) }, values: headValues };
  assert.equal(said(cell('L1H0', { atLeast: 0 }), equal), 'failed L1H0: recovered cannot be told, since the clean and the corrupted run have the same metric, 4');
});

test('the strongest cells are those that change most, either way', () => {
  assert.equal(said(top(2, 'L1H0', 'L2H0')), 'passed top 2: L2H0 −0.8, L1H0 0.62');
  assert.equal(said(top(2, 'L1H0', 'L0H0')), 'failed top 2: expected L1H0 and L0H0, got L2H0 −0.8, L1H0 0.62; L0H0 is number 4 with 0.31');
  assert.match(said(top(4, 'L1H1')), /^failed .*; L1H1 changed no element$/);
  assert.match(said(top(1, 'L7H7')), /^failed L7H7 is no cell of this experiment/);
  const open = { frame: heads, values: { ...headValues, metrics: headValues.metrics.map((metric, index) => (index === 1 ? NaN : metric)) } };
  assert.equal(said(top(1, 'L2H0'), open), 'failed top 1: 1 cell of 5 have no value, so that the strongest cannot be told');
});

test('addresses may be written as a person knows them', () => {
  const at: Measured = { frame: positions, values: positionValues };
  for (const address of ['blocks.1.hook_resid_pre@2', 'L1.resid_pre@2', 'L1.resid_pre@-1']) assert.match(said(cell(address, { atLeast: 1 }), at), /^passed/, address);
  assert.equal(sameCell('L3.mlp_post@1'), 'blocks.3.mlp.hook_post@1');
  assert.equal(sameCell('dec.L4H4.z@-2', 7), 'dec.L4H4@5');
  assert.equal(sameCell('L4H4.pattern@-1,-7', 7), 'L4H4.pattern@6,0');
  assert.equal(sameCell('blocks.3.hook_resid_post x -4'), 'blocks.3.hook_resid_post × -4');
});

test('nothing expected is nothing judged', () => {
  assert.deepEqual(judge([], measured), []);
});
