/** The overview's pure parts: checks by kind, what is not proved, the sentence, the filter, the kept state. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { CheckReport, CheckResult, LayerSummary, ModelSummary, TowerSummary } from '../../src/shared/summary.ts';
import { checkKinds, groupRefusals, placeWords, unproved } from '../../webview/overview/model/checkTable.ts';
import { addressFilter } from '../../webview/overview/model/filter.ts';
import { fromState, toState } from '../../webview/overview/model/kept.ts';
import { modelSentence } from '../../webview/overview/model/sentence.ts';
import { layersWords, ranges } from '../../src/shared/format.ts';
import { shapeWords, sourceWords } from '../../webview/overview/model/words.ts';

const check = (name: string, address: string, maxAbs: number, tolerance = 1e-4): CheckResult => ({ name, address, maxAbs, tolerance, ok: maxAbs <= tolerance });

const block = (index: number, parts: Partial<LayerSummary> = {}): LayerSummary => ({
  index, attention: { heads: 4, kvHeads: 4, dHead: 8 }, cross: null, mlp: { neurons: 128, gated: false, activation: 'gelu' }, source: [], attentionSource: null, crossSource: null, mlpSource: null, ...parts,
});
const tower = (parts: Partial<TowerSummary> = {}): TowerSummary => ({
  name: '', kind: 'decoder', layers: 2, heads: 4, kvHeads: 4, dHead: 8, dModel: 32, dMlp: 128, vocab: 96, context: 64, norm: 'pre', positions: 'learned', causal: true, attendsTo: null, hasLogits: true, takesIds: true,
  convolutions: [], blocks: [block(0), block(1)], ...parts,
});
const summary = (towers: readonly TowerSummary[], producer = 'pytorch 2.13.0'): ModelSummary => ({
  model: { path: 'model.onnx', bytes: 1000, externalBytes: 0, opset: { '': 20 }, irVersion: 10, producer, parameters: 46_376, nodes: 187, weightTypes: {} },
  inputs: [], outputs: [], towers, refused: [], sourceLines: { nodes: 187, withSource: 0, files: [] }, tokenizer: { missing: '' }, runnable: true, ms: { read: 1, anatomy: 1 },
});
const report = (checks: readonly CheckResult[], refused: CheckReport['refused'] = []): CheckReport => ({ checks, refused, error: null, ms: 1 });

test('checks are grouped by kind; the worst is the one nearest to its own tolerance, and NaN is worse than any', () => {
  const [first, second, third] = checkKinds([
    check('a', 'blocks.0', 5e-5, 1e-3), check('a', 'blocks.1', 4e-5, 5e-5), check('b', 'blocks.0', 1, 1e-4), check('b', 'blocks.1', NaN), check('c', 'logits', 1e-9, 0), check('c', 'logits', 0, 0),
  ]);
  assert.deepEqual([first?.worst.address, first?.failed], ['blocks.1', 0], 'a larger difference under a larger tolerance is not worse');
  assert.deepEqual([second?.worst.maxAbs, second?.failed], [NaN, 2]);
  assert.deepEqual([third?.worst.maxAbs, third?.failed], [1e-9, 1], 'a tolerance of nothing is exceeded by anything');
});

test('places: layers of any tower, and what belongs to no layer', () => {
  assert.deepEqual(['blocks.11', 'enc.blocks.3', 'logits'].map(placeWords), ['L11', 'enc.L3', 'logits']);
});

test('refusals of one reason at many layers are one line', () => {
  assert.deepEqual(groupRefusals([
    { what: 'pattern x v = z at blocks.0', reason: 'No values' }, { what: 'the checks', reason: 'No ids' }, { what: 'pattern x v = z at blocks.1', reason: 'No values' },
    { what: 'pattern x v = z at blocks.3', reason: 'Another' },
  ]), [{ what: 'pattern × v = z at layers 0, 1', reason: 'No values' }, { what: 'the checks', reason: 'No ids' }, { what: 'pattern × v = z at layer 3', reason: 'Another' }]);
  const experts = ['The MLP at layer 0', 'The MLP at layer 1', 'The MLP at layer 0 (dec.)', 'Attention at dec.blocks.1'].map((what) => ({ what, reason: 'Experts' }));
  assert.deepEqual(groupRefusals(experts).map(({ what }) => what), ['The MLP at layers 0, 1', 'The MLP at layer 0 (dec.)', 'Attention at layer 1 (dec.)'], 'towers apart');
});

test('what no check spoke of is said not to be proved', () => {
  const all = [0, 1].flatMap((layer) => ['pattern x v = z', 'resid_pre + attn_out = resid_mid', 'mlp_post x W_out + b = mlp_out'].map((name) => check(name, `blocks.${layer}`, 0)));
  const chain = check('chain = file, bit for bit', 'logits', 0, 0);
  assert.deepEqual(unproved(report([...all, chain]), summary([tower()])), []);
  const without = all.filter((one) => !one.name.startsWith('resid_'));
  assert.deepEqual(unproved(report(without), summary([tower()])).map(({ what }) => what), ['The sums into the residual stream at layers 0, 1', 'The stages against the whole file']);
  assert.deepEqual(unproved(report([...all, chain]), summary([tower({ blocks: [block(0), block(1), block(2, { mlp: null })] })])).map(({ what }) => what),
    ['The heads’ outputs at layer 2', 'The sums into the residual stream at layer 2'], 'a layer without MLP owes no check of one');
  const refused = [{ what: 'pattern x v = z at blocks.0', reason: 'No values' }];
  assert.deepEqual(unproved(report([...all.filter((one) => one !== all[0]), chain], refused), summary([tower()])), [{ what: 'pattern × v = z at layer 0', reason: 'No values' }], 'what is refused is not said twice');
  const towers = [tower({ name: 'enc' }), tower({ name: 'dec' })];
  const ofEncoder = all.map((one) => ({ ...one, address: `enc.${one.address}` }));
  assert.deepEqual(unproved(report([...ofEncoder, chain]), summary(towers)).map(({ what }) => what),
    ['The heads’ outputs at layers 0, 1 (dec.)', 'The sums into the residual stream at layers 0, 1 (dec.)', 'The MLPs’ outputs at layers 0, 1 (dec.)'], 'a check of one tower proves nothing of another');
});

test('the sentence: one tower, several, figures that are unknown, none at all', () => {
  assert.equal(modelSentence(summary([tower()])), 'A decoder of 2 layers with 4 heads each, width 32, 46.4 k parameters, opset 20, made by pytorch 2.13.0');
  const attentionOnly = tower({ dMlp: null, blocks: [block(0, { mlp: null })] });
  assert.match(modelSentence(summary([attentionOnly])), /, without MLPs, /);
  assert.doesNotMatch(modelSentence({ ...summary([attentionOnly]), refused: [{ what: 'The MLP at layer 0', reason: 'it is a mixture of experts' }] }), /without/, 'an MLP that is not read is there');
  assert.equal(modelSentence(summary([tower({ layers: 1, heads: null, dModel: null })], '')), 'A decoder of 1 layer, 46.4 k parameters, opset 20');
  assert.equal(modelSentence(summary([tower({ name: 'enc', kind: 'encoder' }), tower({ name: 'dec' })])), 'An encoder of 2 layers with 4 heads each, width 32 and a decoder of 2 layers with 4 heads each, width 32, 46.4 k parameters, opset 20, made by pytorch 2.13.0');
  assert.equal(modelSentence(summary([])), 'A graph of 187 nodes in which no layers were recognised, 46.4 k parameters, opset 20, made by pytorch 2.13.0');
});

test('words: runs of layers, shapes, lines', () => {
  assert.equal(ranges([5, 0, 1, 2, 3]), '0–3 and 5');
  assert.equal(ranges([2, 0, 5]), '0, 2 and 5');
  assert.equal(layersWords([7, 7]), 'layer 7');
  assert.equal(shapeWords(['batch', null, 96]), 'batch × ? × 96');
  assert.equal(shapeWords([]), 'scalar');
  assert.equal(sourceWords({ file: 'a\\b\\model.py', line: 3, code: '' }), 'model.py:3');
});

test('the filter: all words, any part, globs over the address alone, short forms', () => {
  const entry = { address: 'blocks.1.attn.hook_z', tensor: 'MatMul_7', axes: ['batch', 'pos', 'head', 'dHead'], layer: 1 };
  const matches = (text: string): boolean => addressFilter(text)(entry);
  for (const text of ['', '  ', 'hook_z matmul', 'd_head', 'blocks.*.attn.*', 'L1H3', 'L1.z']) assert.equal(matches(text), true, text);
  for (const text of ['hook_z other', '*matmul*', 'L2H3', 'L1.pattern', 'blocks.*']) assert.equal(matches(text), false, text);
});

test('kept state comes back through JSON, NaN and all; a stranger’s state gives what can be had of it', () => {
  const kept = { scroll: 12, filter: 'z', folded: ['file'], open: ['check.a'], checks: { of: 'r', report: report([check('a', 'blocks.0', NaN)]) } };
  assert.deepEqual(fromState(JSON.parse(JSON.stringify(toState(kept))) as Record<string, unknown>), kept);
  const nothing = { scroll: 0, filter: '', folded: [], open: [], checks: null };
  assert.deepEqual(fromState({}), nothing);
  assert.deepEqual(fromState({ scroll: '12', filter: 3, folded: 'file', open: [1, 'a'], checks: { value: 1, table: [] } }), { ...nothing, open: ['a'] });
});
