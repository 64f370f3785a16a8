import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findAddress, modelTree, parentsOf } from '../../src/host/views/treeModel.ts';
import type { TreeNode } from '../../src/host/views/treeModel.ts';
import { statusText } from '../../src/host/views/statusText.ts';
import type { ErrorData } from '../../src/shared/errors.ts';
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
    const root = modelTree('model.onnx', summary(), roles);
    assert.deepEqual(outline(root).filter((line) => line.includes('L0H')).map((line) => line.trim()), ['L0H0', 'L0H1', 'L0H2 · previous token', 'L0H3']);
    assert.equal(findAddress(root, 'L0H2')?.tooltip, 'L0H2: blocks.0.attn.hook_z, head 2\nprevious token: attention 0.7');
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
