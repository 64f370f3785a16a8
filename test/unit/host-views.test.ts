import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { IndexShown } from '../../src/host/neurons/standing.ts';
import { mayBeIndexed } from '../../src/host/views/treeIndex.ts';
import { findAddress, modelTree, parentsOf } from '../../src/host/views/treeModel.ts';
import type { TreeNode } from '../../src/host/views/treeModel.ts';
import { statusText } from '../../src/host/views/statusText.ts';
import type { ErrorData } from '../../src/shared/errors.ts';
import type { NeuronIndexInfo, NeuronLayer } from '../../src/shared/neurons/figures.ts';
import type { RankedNeuron } from '../../src/shared/neurons/readings.ts';
import type { EngineState, PanelModel } from '../../src/shared/protocol/panelApi.ts';
import type { LayerSummary, ModelSummary, TowerSummary } from '../../src/shared/summary.ts';

const layer = (index: number, change: Partial<LayerSummary> = {}): LayerSummary => ({
  index, attention: { heads: 4, kvHeads: 4, dHead: 8 }, cross: null, mlp: { neurons: 128, gated: false, activation: 'gelu' },
  source: [], attentionSource: null, crossSource: null, mlpSource: null, ...change,
});

const tower = (change: Partial<TowerSummary> = {}): TowerSummary => ({
  name: '', kind: 'decoder', layers: 2, heads: 4, kvHeads: 4, dHead: 8, dModel: 32, dMlp: 128, vocab: 100, context: 64, norm: 'pre', positions: 'learned',
  causal: true, attendsTo: null, hasLogits: true, takesIds: true, convolutions: [], blocks: [layer(0), layer(1)], ...change,
});

const summary = (change: Partial<ModelSummary> = {}): ModelSummary => ({
  model: { path: '/m/model.onnx', bytes: 1, externalBytes: 0, opset: { '': 20 }, irVersion: 10, producer: 'pytorch', parameters: 1, nodes: 57, weightTypes: {} },
  inputs: [{ name: 'input_ids', type: 'int64', shape: ['batch', null], role: 'ids', filledWith: null }],
  outputs: [{ name: 'logits', type: 'float32', shape: ['batch', 'sequence', 100] }],
  towers: [tower()], refused: [], sourceLines: { nodes: 57, withSource: 0, files: [] }, tokenizer: { missing: 'none' }, runnable: true, ms: { read: 1, anatomy: 1 }, ...change,
});

/** One line a node, indented: label and description. */
const outline = (node: TreeNode, depth = 0): readonly string[] =>
  [`${'  '.repeat(depth)}${[node.label, node.description].filter(Boolean).join(' · ')}`, ...node.children.flatMap((child) => outline(child, depth + 1))];

suite('the tree of a model', () => {
  test('cross attention has a node of its own, with the addresses of its heads', () => {
    const block = layer(0, { cross: { heads: 2, kvHeads: 2, dHead: 8 } });
    const root = modelTree('model.onnx', summary({ towers: [tower({ name: 'enc', kind: 'encoder' }), tower({ name: 'dec', attendsTo: 'enc', blocks: [block] })] }));
    const lines = outline(root);
    const at = lines.findIndex((line) => line.includes('Cross attention to enc · 2 heads'));
    assert.deepEqual(lines.slice(at + 1, at + 3).map((line) => line.trim()), ['dec.L0X0', 'dec.L0X1']);
    assert.equal(findAddress(root, 'dec.L0X1')?.label, 'dec.L0X1');
    assert.equal(findAddress(root, 'dec.blocks.0.cross_attn.hook_z')?.label, 'Cross attention to enc');
  });

  test('goes from the model by tower and layer to heads, and to inputs and outputs', () => {
    const text = outline(modelTree('model.onnx', summary({ towers: [tower({ layers: 1, blocks: [layer(0)] })] }))).join('\n');
    assert.equal(text, [
      'model.onnx',
      '  Decoder · 1 layer',
      '    Layer 0',
      '      Attention · 4 heads',
      '        L0H0', '        L0H1', '        L0H2', '        L0H3',
      '      MLP · 128 neurons, gelu',
      '  Inputs · 1',
      '    input_ids · int64 [batch, ?]',
      '  Outputs · 1',
      '    logits · float32 [batch, sequence, 100]',
    ].join('\n'));
  });

  test('says what heads are known to do', () => {
    const roles = new Map([['L0H2', { description: 'previous token', lines: ['previous token: attention 0.7'] }]]);
    const root = modelTree('model.onnx', summary(), { roles, index: null });
    assert.deepEqual(outline(root).filter((line) => line.includes('L0H')).map((line) => line.trim()), ['L0H0', 'L0H1', 'L0H2 · previous token', 'L0H3']);
    assert.equal(findAddress(root, 'L0H2')?.tooltip, 'L0H2: blocks.0.attn.hook_z, head 2\nprevious token: attention 0.7');
  });

  const info: NeuronIndexInfo = { model: 'model.onnx', finished: true, tokens: 36_120, expected: 36_000, rows: 200, texts: ['../a.txt', '../b.txt', '../c.txt', '../d.txt'], layers: 2, neurons: 256, heads: 8, bytes: 14_100_000 };
  const written = new Date(2026, 10, 29, 10, 33);
  const neuronsOf = (index: IndexShown): readonly string[] => {
    const lines = outline(modelTree('model.onnx', summary(), { roles: new Map(), index }));
    const at = lines.findIndex((line) => line.startsWith('  Neuron index'));
    return lines.slice(at, lines.findIndex((line) => line.startsWith('  Inputs'))).map((line) => line.trim());
  };

  test('tells the state of the index of neurons', () => {
    assert.deepEqual(neuronsOf({ kind: 'none' }), ['Neuron index · none yet', 'What each neuron fires on is known once texts of yours are indexed']);
    assert.deepEqual(neuronsOf({ kind: 'running' })[0], 'Neuron index · being made');
    assert.deepEqual(neuronsOf({ kind: 'unread', why: 'The engine rests' }), ['Neuron index · not read yet', 'The engine rests']);
    const facts = ['36,120 tokens of a.txt, b.txt, c.txt and 1 more', '256 neurons and 8 heads of 2 layers', '14.1 MB, last written on 29 Nov 2026, 10:33'];
    assert.deepEqual(neuronsOf({ kind: 'usable', info, written, layers: [] }), ['Neuron index · 36,120 tokens, 29 Nov 2026, 10:33', ...facts]);
    assert.deepEqual(neuronsOf({ kind: 'usable', info: { ...info, finished: false, tokens: 1024 }, written, layers: [] }).slice(0, 2), ['Neuron index · 1,024 of about 36,000 tokens, 29 Nov 2026, 10:33', 'It is not finished, and can be gone on with']);
    assert.deepEqual(neuronsOf({ kind: 'stale', reason: 'The tokenizer changed since the index was made', info, written }), ['Neuron index · stale', 'The tokenizer changed since the index was made: nothing is read from it until it is made again', ...facts]);
    assert.deepEqual(neuronsOf({ kind: 'refused', why: 'This is no index.' }), ['Neuron index · cannot be read', 'This is no index.']);
  });

  test('lists the clearest and the most mixed neurons of each layer', () => {
    const ranked = (address: string, meanings: number, ...labels: string[]): RankedNeuron => ({ address, meanings, sure: 0.876, labels });
    const figures: NeuronLayer = {
      layer: 1, address: 'blocks.1.mlp.hook_post', neurons: 128, activation: 'gelu', tokens: 36_120, finished: true, dead: 0, dense: 0, firingRate: 0.2, mean: 0, max: 1,
      monosemantic: [ranked('L1N7', 1, 'digits'), ranked('L1N9', 1, 'names')], polysemantic: [ranked('L1N3', 2, 'quotation marks', 'names')],
    };
    const root = modelTree('model.onnx', summary(), { roles: new Map(), index: { kind: 'usable', info, written, layers: [figures] } });
    const lines = outline(root);
    const at = lines.findLastIndex((line) => line.includes('MLP'));
    assert.deepEqual(lines.slice(at, at + 6).map((line) => line.trim()), ['MLP · 128 neurons, gelu', 'Clearest · 2 neurons', 'L1N7 · digits', 'L1N9 · names', 'Most meanings · 1 neuron', 'L1N3 · quotation marks; names']);
    assert.equal(lines.filter((line) => line.includes('Clearest')).length, 1, 'layer 0 was not read');
    const found = findAddress(root, 'L1N3');
    assert.deepEqual([found?.kind, found?.address, found?.tooltip], ['neuron', 'L1N3', 'L1N3: 2 meanings, sure 0.88\nquotation marks\nnames']);
    assert.equal(findAddress(root, 'L1N4')?.id, 'tower:/layer:1/mlp', 'others lie in the MLP');
  });

  test('has an index only where neurons of a language model can be indexed', () => {
    assert.equal(mayBeIndexed(summary()), true);
    assert.equal(mayBeIndexed(summary({ towers: [tower({ kind: 'vision', takesIds: false })] })), false);
    assert.equal(mayBeIndexed(summary({ towers: [tower({ name: 'enc' }), tower({ name: 'dec' })] })), false);
    assert.equal(mayBeIndexed(summary({ towers: [tower({ blocks: [layer(0, { mlp: null, attention: null })] })] })), false);
  });

  test('says what is unknown, shared, missing and refused', () => {
    const blocks = [
      layer(0, { attention: { heads: null, kvHeads: null, dHead: null }, mlp: null, source: [{ file: '/a/b/net.py', line: 12, code: 'x = f(x)' }] }),
      layer(1, { attention: { heads: 4, kvHeads: 2, dHead: 8 }, mlp: { neurons: null, gated: true, activation: 'silu' } }),
    ];
    const text = outline(modelTree('m', summary({ towers: [tower({ blocks })], refused: [{ what: 'attention at layer 3', reason: 'no softmax' }] }))).join('\n');
    assert.match(text, /Layer 0 · net\.py:12\n {6}Attention · heads unknown until run\n {4}Layer 1/);
    assert.match(text, /Attention · 4 heads, 2 for keys and values/);
    assert.match(text, /MLP · neurons unknown until run, silu, gated/);
    assert.match(text, /Not shown · 1\n {4}attention at layer 3 · no softmax/);
  });

  test('has a different name for every node, and a parent for each but the root', () => {
    const root = modelTree('m', summary({ towers: [tower(), tower({ name: 'enc', kind: 'encoder' })] }));
    const parents = parentsOf(root);
    const nodes = [root, ...parents.keys()];
    assert.equal(new Set(nodes.map((node) => node.id)).size, nodes.length);
    assert.equal(parents.get(root), undefined);
    for (const [node, parent] of parents) assert.ok(parent.children.includes(node));
  });

  test('is large for a large model, and made in one go', () => {
    const blocks = Array.from({ length: 96 }, (_, index) => layer(index, { attention: { heads: 96, kvHeads: 96, dHead: 128 } }));
    const root = modelTree('m', summary({ towers: [tower({ blocks, layers: 96 })] }));
    assert.equal(findAddress(root, 'L95H95')?.label, 'L95H95');
  });

  const root = modelTree('m', summary({ towers: [tower(), tower({ name: 'enc', kind: 'encoder' })] }));
  const found: readonly (readonly [string, string])[] = [
    ['L1H2', 'tower:/layer:1/attention/2'],
    ['L1H2@7', 'tower:/layer:1/attention/2'],
    ['enc.L0H3', 'tower:enc/layer:0/attention/3'],
    ['L1N77', 'tower:/layer:1/mlp'],
    ['L1.resid_post', 'tower:/layer:1'],
    ['L1.pattern', 'tower:/layer:1/attention'],
    ['blocks.1.attn.hook_q', 'tower:/layer:1/attention'],
    ['blocks.1.mlp.hook_pre', 'tower:/layer:1/mlp'],
    ['blocks.0.hook_resid_mid', 'tower:/layer:0'],
    ['enc.blocks.1.hook_resid_post', 'tower:enc/layer:1'],
  ];
  for (const [address, id] of found) test(`finds ${address}`, () => assert.equal(findAddress(root, address)?.id, id));

  for (const address of ['L9H0', 'L0H9', 'dec.L0H0', 'hook_embed', 'nothing']) {
    test(`does not find ${address} as a head`, () => assert.notEqual(findAddress(root, address)?.kind, 'head'));
  }
});

suite('the status item', () => {
  const died: ErrorData = { code: 'engine-died', what: 'The engine crashed', todo: 'Read the log', where: '', detail: '' };
  const model = (engine: EngineState, change: Partial<PanelModel> = {}): PanelModel => ({
    title: 'model.onnx', uri: 'file:///model.onnx', state: { kind: 'open', summary: summary() }, engine, trusted: true, changed: false, checksItself: false, ...change,
  });
  const cases: readonly (readonly [PanelModel, string, string])[] = [
    [model({ kind: 'starting' }), 'starting', 'normal'],
    [model({ kind: 'ready' }), 'ready', 'normal'],
    [model({ kind: 'stopped' }), 'resting', 'normal'],
    [model({ kind: 'busy', what: 'running' }), 'running layer 3 of 12', 'normal'],
    [model({ kind: 'restarting', attempt: 2, error: died }), 'restarting (attempt 2)', 'warning'],
    [model({ kind: 'failed', error: died }), 'engine failed', 'error'],
    [model({ kind: 'ready' }, { changed: true }), 'model changed', 'warning'],
    [model({ kind: 'failed', error: died }, { changed: true }), 'engine failed', 'error'],
    [model({ kind: 'stopped' }, { state: { kind: 'error', error: died } }), 'not readable', 'warning'],
  ];
  for (const [shown, words, severity] of cases) {
    test(`says "${words}"`, () => {
      const { text, severity: actual, about } = statusText(shown, shown.engine.kind === 'busy' ? 'layer 3 of 12' : '');
      assert.equal(text.replace(/^\$\([^)]*\) Cogscope: /, ''), words);
      assert.equal(actual, severity);
      assert.match(about, /\.$/);
    });
  }
});
