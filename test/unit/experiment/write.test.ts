/** An experiment that is written and read again is the same; a result's JSON has no number that JSON has not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExperiment } from '../../../src/shared/experiment/read.ts';
import { resultJson } from '../../../src/shared/experiment/resultJson.ts';
import { writeExperiment } from '../../../src/shared/experiment/write.ts';
import { ablation, full, patching, path, steering, tracing, towers } from './files.ts';
import { heads, headValues } from './frames.ts';

test('written and read again, an experiment is the same', () => {
  for (const json of [patching, towers, tracing, ablation, path, steering, ...Object.values(full)]) {
    const first = readExperiment(json);
    assert.ok(first.kind === 'experiment', JSON.stringify(first));
    const text = writeExperiment(first.experiment, { schema: 'x' });
    assert.deepEqual(readExperiment(JSON.parse(text)), first, text);
    assert.ok(text.split('\n').every((line) => line.length <= 130 || line.includes('"clean"')), text);
  }
});

test('by head, by position and by layer are told apart by their sites, or named', () => {
  const reading = readExperiment(patching);
  assert.ok(reading.kind === 'experiment' && reading.experiment.kind === 'activation-patching');
  const { experiment } = reading;
  for (const [sites, by, expected] of [
    [['resid_pre'], 'position', []], [['z'], 'head', ['"sites": ["z"]']], [['z'], 'layer', ['"sites": ["z"]', '"by": "layer"']], [['resid_pre', 'z'], 'position', ['"sites": ["resid_pre", "z"]']],
  ] as const) {
    const text = writeExperiment({ ...experiment, sites, by });
    assert.deepEqual(text.match(/"(sites|by)": [^\n]*[\]"]/g) ?? [], expected);
    assert.deepEqual(readExperiment(JSON.parse(text)), { kind: 'experiment', experiment: { ...experiment, sites, by } });
  }
});

test('what is taken anyway is left out, and the rest stands as a person would write it', () => {
  const reading = readExperiment(full.patching);
  assert.ok(reading.kind === 'experiment');
  assert.equal(writeExperiment({ ...reading.experiment, model: '../stories.onnx' }), `{
  "cogscope": 1,
  "model": "../stories.onnx",
  "kind": "activation-patching",
  "pairs": [
    {
      "clean": "Lily and Ben played. Ben gave a ball to",
      "corrupted": "Lily and Ben played. Lily gave a ball to",
      "target": " Lily",
      "distractor": " Ben"
    }
  ],
  "metric": "probability",
  "position": -2,
  "special": false,
  "direction": "noise",
  "sites": ["z", "pattern"],
  "by": "head-position",
  "layers": [0, 3],
  "expect": [
    { "address": "L1H3", "recovered": { "atLeast": 0.5, "atMost": 2 } },
    { "address": "L1H3", "metric": { "atLeast": -1 } },
    { "top": 3, "includes": ["L1H3"] }
  ]
}
`);
});

test('a draft is written as far as it goes', () => {
  const reading = readExperiment(patching);
  assert.ok(reading.kind === 'experiment');
  assert.match(writeExperiment({ ...reading.experiment, pairs: [{ clean: 'a' }] }), /"pairs": \[\{ "clean": "a" \}\]/);
});

test('the JSON of a result has null where there is no value, and says which cells were not changed', () => {
  const json = resultJson({ frame: heads, ...headValues, passes: 7, ms: 12 });
  assert.deepEqual([json.clean, json.corrupted, json.pairs, json.passes], [4, 2, 1, 7]);
  assert.deepEqual(json.axes.map(({ site, rows, columns }) => [site, rows.name, columns.name]), [['z', 'layer', 'head']]);
  assert.deepEqual(json.cells.map(({ address, recovered, unchanged }) => [address, recovered?.toFixed(2) ?? null, unchanged]), [
    ['L0H0', '0.31', undefined], ['L0H1', '0.40', undefined], ['L1H0', '0.62', undefined], ['L1H1', null, true], ['L2H0', '-0.80', undefined],
  ]);
  const open = resultJson({ frame: heads, metrics: headValues.metrics.map(() => NaN), unchanged: headValues.unchanged, passes: 0, ms: 0 });
  assert.deepEqual(open.cells[0], { address: 'L0H0', metric: null, recovered: null, effect: null, perPair: [null] });
});

test('an ablation has metric and effect; two pairs have a spread', () => {
  const frame = { ...heads, kind: 'ablation', direction: null, corrupted: null, pairs: [...heads.pairs, ...heads.pairs].map((pair) => ({ ...pair, corrupted: null, corruptedMetric: null })) } as const;
  const metrics = Float64Array.of(3, 4, 4, 4, 4, NaN, 2, 4, 4, 4, 4, NaN);
  const [first, second] = resultJson({ frame, metrics, unchanged: Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0), passes: 1, ms: 1 }).cells;
  assert.deepEqual(first, { address: 'L0H0', metric: 2.5, effect: -1.5, spread: Math.SQRT1_2, perPair: [3, 2] });
  assert.deepEqual(second, { address: 'L0H1', metric: 4, effect: null, spread: 0, perPair: [4, 4], unchanged: true });
});
