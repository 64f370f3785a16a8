/** Experiment files are read with their defaults, and what is wrong in one is said at its place with what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentence } from '../../../src/shared/errors.ts';
import type { Experiment } from '../../../src/shared/experiment/experiment.ts';
import { readExperiment } from '../../../src/shared/experiment/read.ts';
import type { Reading } from '../../../src/shared/experiment/read.ts';
import { ablation, bad, full, patching, path, steering, tracing, towers } from './files.ts';

function good(json: unknown): Experiment {
  const reading = readExperiment(json);
  assert.equal(reading.kind, 'experiment', JSON.stringify(reading));
  return reading.kind === 'experiment' ? reading.experiment : assert.fail();
}

const problemsOf = (reading: Reading): readonly (readonly [string, string])[] =>
  (reading.kind === 'problems' ? reading.problems.map(({ pointer, what, todo }) => [pointer, sentence({ what, todo, where: '' })] as const) : []);

const common = { model: 'stories.onnx', metric: 'logit-difference', position: -1, special: true, expect: [] };
const [pair] = patching.pairs;
const cleanPair = { clean: pair?.clean, target: pair?.target, distractor: pair?.distractor };

test('what a file leaves out is filled in', () => {
  assert.deepEqual(good(patching), { ...common, kind: 'activation-patching', direction: 'denoise', sites: ['resid_pre'], by: 'position', pairs: [pair] });
  assert.deepEqual(good(tracing), { ...common, metric: 'probability', kind: 'causal-tracing', sites: ['resid_post', 'mlp_out', 'attn_out'], sigma: 3, samples: 10, seed: 0, subject: 'Ben', window: 10, pairs: [cleanPair] });
  assert.deepEqual(good(ablation), { ...common, kind: 'ablation', ablate: 'zero', seed: 0, together: [], sites: ['z'], by: 'head', pairs: [cleanPair] });
  assert.deepEqual(good(path), { ...common, kind: 'path-patching', direction: 'denoise', senders: ['L4H4'], receivers: ['L5H1.v'], pairs: [pair] });
  assert.partialDeepStrictEqual(good({ ...patching, kind: 'path-patching', senders: [] }), { senders: [], receivers: ['logits'] });
  assert.deepEqual(good(steering), { ...common, kind: 'steering', address: 'blocks.3.hook_resid_post', direction: 'kind.safetensors', scales: [4], pairs: [cleanPair] });
});

test('a prompt of a further tower is both runs’, or one for each', () => {
  const { pairs } = good(towers);
  assert.deepEqual(pairs.map(({ prompts }) => prompts), [{ dec: { clean: 'guten', corrupted: 'guten' } }, { dec: { clean: [1, 2], corrupted: [1, 3] } }]);
});

test('sites and what a cell is follow from each other', () => {
  const sweep = (more: object): readonly unknown[] => {
    const experiment = good({ ...patching, ...more });
    return experiment.kind === 'activation-patching' ? [experiment.sites, experiment.by] : [];
  };
  assert.deepEqual(sweep({ sites: ['q', 'k'] }), [['q', 'k'], 'head']);
  assert.deepEqual(sweep({ sites: ['mlp_post'], layers: [1] }), [['mlp_post'], 'neuron']);
  assert.deepEqual(sweep({ sites: ['z', 'resid_pre'] }), [['z', 'resid_pre'], 'position']);
  assert.deepEqual(sweep({ by: 'head-position' }), [['z'], 'head-position']);
  assert.deepEqual(sweep({ by: 'head-dest-src' }), [['pattern'], 'head-dest-src']);
  assert.deepEqual(sweep({ by: 'neuron' }), [['mlp_post'], 'neuron']);
  assert.deepEqual(sweep({ by: 'layer' }), [['attn_out', 'mlp_out'], 'layer']);
});

test('every key of each kind is read', () => {
  const experiment = good(full.patching);
  assert.deepEqual(experiment.expect, [
    { kind: 'cell', address: 'L1H3', field: 'recovered', atLeast: 0.5, atMost: 2 },
    { kind: 'cell', address: 'L1H3', field: 'metric', atLeast: -1 },
    { kind: 'top', top: 3, includes: ['L1H3'] },
  ]);
  assert.partialDeepStrictEqual(experiment, { metric: 'probability', position: -2, special: false, direction: 'noise', sites: ['z', 'pattern'], by: 'head-position', layers: [0, 3] });
  assert.partialDeepStrictEqual(good(full.tracing), { sites: ['mlp_out'], window: 4, sigma: 2.5, samples: 4, seed: 7 });
  assert.partialDeepStrictEqual(good(full.ablation), { ablate: 'mean', by: 'layer', seed: 3, together: ['L4H4', 'L4.mlp_out', 'L3N12', 'blocks.2.hook_attn_out'] });
  assert.partialDeepStrictEqual(good(full.path), { direction: 'noise', receivers: ['L5H1.q', 'L5H1.k', 'L5H1.v@-1'] });
  assert.partialDeepStrictEqual(good(full.steering), { direction: 'kind.npy', scales: [-4, 4] });
  assert.partialDeepStrictEqual(good(full.steeringByPrompts), { direction: { from: 'clean - corrupted', position: 'mean' }, scales: [2], pairs: patching.pairs });
  assert.partialDeepStrictEqual(good(full.steeringAtPosition), { direction: { from: 'clean - corrupted', position: -3 } });
});

test('prompts may be ids, targets may be ids, and kl needs no target', () => {
  const ids = { clean: [1, 2, 3], corrupted: [1, 4, 3], target: 7 };
  assert.deepEqual(good({ ...patching, pairs: [ids] }).pairs, [ids]);
  assert.deepEqual(good({ ...patching, metric: 'kl', pairs: [{ clean: 'a', corrupted: 'b' }] }).pairs, [{ clean: 'a', corrupted: 'b' }]);
});

for (const { name, json, says } of bad) {
  test(`${name}: said at its place, with what to do`, () => {
    const found = problemsOf(readExperiment(json));
    assert.deepEqual(found.map(([pointer]) => pointer), says.map(([pointer]) => pointer), JSON.stringify(found));
    for (const [index, [, expected]] of says.entries()) assert.match(found[index]?.[1] ?? '', expected);
    for (const [, text] of found) assert.match(text, /^[^\n]*\. [A-Z][^\n]*[^?.]\.$/, `a sentence, then what to do: ${text}`);
  });
}

test('pairs in a file of lines are checked line by line', () => {
  const reading = readExperiment({ ...patching, pairs: 'pairs.jsonl' });
  assert.ok(reading.kind === 'pairs' && reading.path === 'pairs.jsonl');
  const settled = reading.withPairs([{ line: 1, value: pair }, { line: 3, value: pair }]);
  assert.deepEqual(settled.kind === 'experiment' ? settled.experiment.pairs : settled, [pair, pair]);
  const wrong = reading.withPairs([{ line: 1, value: pair }, { line: 4, value: { clean: 'a', corrupted: '', target: ' b' } }]);
  assert.deepEqual(wrong.kind === 'problems' ? wrong.problems.map(({ line, pointer }) => [line, pointer]) : wrong, [[4, '/corrupted']]);
  const empty = reading.withPairs([]);
  assert.deepEqual(problemsOf(empty).map(([pointer]) => pointer), ['/pairs']);
  assert.equal(reading.withPairs([{ line: 1, value: pair }]).kind, 'experiment', 'what one reading found is not held against the next');
});

test('a file of pairs is not asked for before the rest is right', () => {
  assert.deepEqual(problemsOf(readExperiment({ ...patching, pairs: 'pairs.jsonl', metric: 'x' })).map(([pointer]) => pointer), ['/metric']);
});
