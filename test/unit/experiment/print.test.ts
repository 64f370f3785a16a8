/** A result at a terminal fits in 80 columns and says what it is a picture of; a JUnit report is well-formed whatever stands in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { junit } from '../../../src/cli/experiments/junit.ts';
import { experimentText } from '../../../src/cli/print/experiment.ts';
import { judge } from '../../../src/shared/experiment/expect.ts';
import { readExperiment } from '../../../src/shared/experiment/read.ts';
import { NOT_RUN } from '../../../src/shared/experiment/result.ts';
import { resultCsv } from '../../../src/shared/experiment/resultCsv.ts';
import { patching } from './files.ts';
import { heads, headValues, positions, token } from './frames.ts';

const reading = readExperiment(patching);
const experiment = reading.kind === 'experiment' ? reading.experiment : assert.fail();
const text = experimentText({ experiment, outcome: { frame: heads, ...headValues, passes: 9, ms: 40 }, verdicts: judge([{ kind: 'top', top: 1, includes: ['L2H0'] }], { frame: heads, values: headValues }) });

test('metric, direction, baseline and number of pairs stand above every map', () => {
  assert.match(text, /^Activation patching, denoise: clean into the corrupted run\nlogit-difference at position -1, 1 pair: clean 4, corrupted 2, baseline 2\n/);
});

test('heads stand as layers by heads with two decimals; what changed nothing, was not run or is not there is told apart', () => {
  assert.match(text, /z: layer down, head across, recovered\n {9}0 {5}1\n {2}0 {3}0\.31 {2}0\.40\n {2}1 {3}0\.62 {5}=\n {2}2 {2}−0\.80\n/);
  assert.match(text, /= the edit changed no element/);
  assert.match(text, /Strongest\n.*recovered.*\n {2}L2H0 {5}−0\.800/);
  assert.match(text, /passed {2}top 1: L2H0 −0\.8\n/);
  const nan = { ...headValues, metrics: headValues.metrics.map((metric, index) => (index === 4 ? NaN : metric)) };
  assert.match(experimentText({ experiment, outcome: { frame: heads, ...nan, passes: 9, ms: 40 }, verdicts: [] }), / {2}2 {3}NaN\n[^]*5 cells of 5 by 9 passes/);
  const unchanged = headValues.unchanged.map((state, index) => (index === 4 ? NOT_RUN : state));
  assert.match(experimentText({ experiment, outcome: { frame: heads, ...nan, unchanged, passes: 9, ms: 40 }, verdicts: [] }), / {2}2 {5}…\n[^]*… not run\n[^]*4 cells of 5 by 9 passes/);
});

test('positions carry their tokens, and columns that do not fit go on below', () => {
  const labels = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? ' extraordinarily' : '\n'));
  const [grid] = positions.grids;
  assert.ok(grid);
  const frame = { ...positions, grids: [{ ...grid, columns: { name: 'position' as const, labels } }], addresses: [0, 1].flatMap((layer) => labels.map((_, at) => `blocks.${layer}.hook_resid_pre@${at}`)) };
  const wide = experimentText({ experiment, outcome: { frame, metrics: new Float64Array(80).fill(2.5), unchanged: new Uint8Array(80), passes: 1, ms: 1 }, verdicts: [] });
  for (const line of wide.split('\n')) assert.ok(line.length <= 80, line);
  for (const at of labels.keys()) assert.ok(new RegExp(` ${at}:`).test(wide), `position ${at} is there`);
  assert.match(wide, / 1:↵ /);
});

test('small values keep two digits, and a map too large to draw says so', () => {
  const small = experimentText({ experiment, outcome: { frame: { ...heads, corrupted: null, clean: 0 }, metrics: Float64Array.of(0.0001, -0.00000001, 0.00012, 0, 0, NaN), unchanged: new Uint8Array(6), passes: 1, ms: 1 }, verdicts: [] });
  assert.match(small, / {2}0 {2}0\.00010 {2}0\.00000\n/);
  const neurons = Array.from({ length: 3000 }, (_, index) => String(index));
  const many = { ...heads, grids: [{ site: 'mlp_post', rows: { name: 'layer' as const, labels: ['0'] }, columns: { name: 'neuron' as const, labels: neurons }, first: 0 }], addresses: neurons.map((index) => `L0N${index}`) };
  assert.match(experimentText({ experiment, outcome: { frame: many, metrics: new Float64Array(3000).fill(3), unchanged: new Uint8Array(3000), passes: 1, ms: 1 }, verdicts: [] }), /mlp_post: .*3,000 cells, too many to draw\s+here/);
});

test('CSV has a line a cell and is empty where there is no value', () => {
  assert.deepEqual(resultCsv({ frame: { ...heads, addresses: ['L0H0', 'a, "b"', '', 'L1H1'] }, metrics: Float64Array.of(3, NaN, NaN, 2), unchanged: Uint8Array.of(0, 0, 0, 1), passes: 1, ms: 1 }).split('\r\n'), [
    'address,metric,recovered,effect,spread,unchanged,pair 1', 'L0H0,3,0.5,1,,false,3', '"a, ""b""",,,,,false,', 'L1H1,2,,,,true,2', '',
  ]);
});

test('a report counts cases by expectation, and holds what XML has no way to hold', () => {
  const measured = { frame: { ...heads, pairs: heads.pairs.map((pair) => ({ ...pair, target: token('\u0000') })) }, values: headValues };
  const verdicts = judge([{ kind: 'cell', address: 'L0H0', field: 'recovered', atLeast: 0.5 }, { kind: 'top', top: 1, includes: ['L2H0'] }], measured);
  const xml = junit([{ file: 'a "b" <c>.cogscope.json', verdicts, error: null, ms: 1500 }, { file: 'd', verdicts: [], error: 'line\u0000 & \ud800 <end>', ms: 0 }]);
  assert.match(xml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="cogscope" tests="3" failures="1" errors="1" time="1\.500">\n/);
  assert.match(xml, /<testsuite name="a &quot;b&quot; &lt;c&gt;\.cogscope\.json" tests="2" failures="1" errors="0" time="1\.500">/);
  assert.match(xml, /name="L0H0: recovered at least 0\.5" time="0\.750">\n {6}<failure message="L0H0: recovered expected at least 0\.5, got 0\.31; nearest: /);
  assert.match(xml, /<error message="line\ufffd &amp; \ufffd &lt;end&gt;">/);
});
