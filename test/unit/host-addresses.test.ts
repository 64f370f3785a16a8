import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { neuronCandidates } from '../../src/host/language/addressCandidates.ts';
import { addressAt, addressesIn } from '../../src/host/language/addressText.ts';
import { describeAddress } from '../../src/host/language/addressWords.ts';
import { layerLens, layerOf } from '../../src/host/language/layerWords.ts';
import { contextLine, escaped, neuronLines, textHistogram } from '../../src/host/language/neuronMarkdown.ts';
import type { NeuronFigures } from '../../src/shared/neurons/figures.ts';
import { layersIn } from '../../src/host/language/pythonLayers.ts';
import type { LayerSummary, ModelSummary, TowerSummary } from '../../src/shared/summary.ts';

const found = (line: string): readonly string[] => addressesIn(line).map(({ address }) => address);

suite('addresses in a line of text', () => {
  test('are found in notes, code and lists', () => {
    assert.deepEqual(found('L3N1234 fires on quotes; see L5H3, (L0H1) and "L4.resid_post".'), ['L3N1234', 'L5H3', 'L0H1', 'L4.resid_post']);
    assert.deepEqual(found('cache["blocks.3.mlp.hook_post"][:, 7]'), ['blocks.3.mlp.hook_post']);
    assert.deepEqual(found('at blocks.3.hook_resid_pre, then'), ['blocks.3.hook_resid_pre']);
    assert.deepEqual(found('cells blocks.3.hook_resid_pre@7 and blocks.3.mlp.hook_post@-1'), ['blocks.3.hook_resid_pre@7', 'blocks.3.mlp.hook_post@-1']);
  });

  test('may be a block or a sublayer of it', () => {
    assert.deepEqual(addressesIn('blocks.3 reads blocks.12.mlp, blocks.0.attn and dec.blocks.1.cross_attn.').map(({ address, target }) => [address, target.kind === 'part' ? [target.tower, target.layer, target.part] : target.kind]), [
      ['blocks.3', ['', 3, 'block']], ['blocks.12.mlp', ['', 12, 'mlp']], ['blocks.0.attn', ['', 0, 'attn']], ['dec.blocks.1.cross_attn', ['dec', 1, 'cross_attn']],
    ]);
    assert.deepEqual(found('blocks.3.mlp.W_in blocks.3.ln1 blocks.3.mlp_x transformer.blocks.3.mlp blocks.12345 blocks.3.5'), [], 'these are something else');
  });

  test('have prefixes of towers, heads of cross attention, positions', () => {
    assert.deepEqual(addressesIn('dec.L0X3 enc.blocks.1.attn.hook_pattern L1H2@7 L1N2@-1 pool.L0X3 pool.blocks.0.mlp').map(({ address, target }) => [address, target.kind, target.tower]), [
      ['dec.L0X3', 'head', 'dec'], ['enc.blocks.1.attn.hook_pattern', 'tensor', 'enc'], ['L1H2@7', 'head', ''], ['L1N2@-1', 'neuron', ''], ['pool.L0X3', 'head', 'pool'], ['pool.blocks.0.mlp', 'part', 'pool'],
    ]);
  });

  test('are whole words', () => {
    assert.deepEqual(found('XL3N12 L3N12x model.L3N12 L3N12_a -L3N1 foo.blocks.1.hook_resid_pre L3N12345678'), []);
    assert.deepEqual(found('L2.norm L1.weight html.L1 blocks.x.hook_resid_pre'), [], 'no block has such a site');
  });

  test('are the ones under the pointer', () => {
    const line = 'L1H2 L1H3';
    assert.deepEqual([0, 4, 5, 9, 20].map((at) => addressAt(line, at)?.address), ['L1H2', 'L1H2', 'L1H3', 'L1H3', undefined]);
  });

  test('cost no more than a moment, however long the line', () => {
    assert.equal(addressesIn('L1N2 '.repeat(1_000_000)).length, 4000);
  });
});

const block = (index: number): LayerSummary => ({
  index, attention: { heads: 6, kvHeads: 3, dHead: 48 }, cross: null, mlp: { neurons: 768, gated: true, activation: 'silu' },
  source: [], attentionSource: null, crossSource: null, mlpSource: null,
});
const tower = (name: string, layers: number): TowerSummary => ({
  name, kind: 'decoder', layers, heads: 6, kvHeads: 6, dHead: 48, dModel: 288, dMlp: 768, vocab: 4096, context: 256, norm: 'pre', positions: 'rotary', causal: true,
  attendsTo: null, hasLogits: true, takesIds: true, blocks: Array.from({ length: layers }, (_, index) => block(index)), convolutions: [],
});
const summaryOf = (...towers: readonly TowerSummary[]): ModelSummary => ({
  model: { path: '/m.onnx', bytes: 1, externalBytes: 0, opset: {}, irVersion: 8, producer: '', parameters: 1, nodes: 1, weightTypes: {} },
  inputs: [], outputs: [], towers, refused: [], sourceLines: { nodes: 0, withSource: 0, files: [] }, tokenizer: { missing: '' }, runnable: true, ms: { read: 0, anatomy: 0 },
});

suite('what a model says of an address', () => {
  const one = summaryOf(tower('', 6));
  const said = (address: string, summary = one): string => {
    const [first] = addressesIn(address);
    assert.ok(first, address);
    return describeAddress(summary, 'm.onnx', first.target).text;
  };

  test('is its place and form', () => {
    assert.equal(said('L3N12'), 'Neuron 12 of 768 in the MLP of layer 3, silu, gated.');
    assert.equal(said('L5H3@7'), 'Head 3 of 6 in the attention of layer 5, 48 wide, with 3 heads for keys and values.');
    assert.equal(said('blocks.3.mlp.hook_post'), 'The MLP’s neurons of layer 3: 768 neurons, silu, gated. Axes batch, pos, d_mlp.');
    assert.equal(said('L4.resid_post'), 'The residual stream behind the block, layer 4: 288 wide. Axes batch, pos, d_model.');
    assert.equal(said('blocks.0.attn.hook_pattern'), 'Where each head attends, layer 0: 6 heads. Axes batch, head, dest, src.');
    assert.equal(said('blocks.2'), 'Layer 2: attention of 6 heads, 48 wide, with 3 heads for keys and values; an MLP of 768 neurons, silu, gated.');
    assert.equal(said('blocks.2.mlp'), 'Layer 2: an MLP of 768 neurons, silu, gated.');
    assert.equal(said('blocks.2.attn'), 'Layer 2: attention of 6 heads, 48 wide, with 3 heads for keys and values.');
    assert.equal(said('blocks.2.cross_attn'), 'No cross attention is known at layer 2.');
  });

  test('is what the model has instead where it has no such thing', () => {
    assert.equal(said('L6N0'), 'm.onnx has 6 layers, from 0 to 5.');
    assert.equal(said('L0N768'), 'The MLP of layer 0 has 768 neurons, from 0 to 767.');
    assert.equal(said('L0H6'), 'The attention of layer 0 has 6 heads, from 0 to 5.');
    assert.equal(said('dec.L0H0'), 'm.onnx has no decoder.');
    assert.equal(said('L0H0', summaryOf(tower('enc', 2), tower('dec', 2))), 'm.onnx has enc., dec.: its addresses begin with one of these.');
    assert.equal(said('blocks.0.hook_nothing'), 'No tensor of a block is called hook_nothing.');
  });
});

suite('layers in lines of Python', () => {
  const mentions = (text: string): readonly (readonly [number, number, string | null])[] => layersIn(text).map(({ line, layer, part }) => [line, layer, part]);

  test('are found by how models are indexed', () => {
    assert.deepEqual(mentions([
      'x = model.blocks[3].mlp(x)', 'h = self.layers[0].self_attn.q_proj', 'model.transformer.h[11].attn', 'name = "model.layers.3.mlp.up_proj.weight"', 'out = model.encoder.layer[-1](x)',
      'model.blocks[2].hook_resid_post', 'get_act_name("post", 3)', "cache['blocks.4.attn.hook_pattern']",
    ].join('\n')), [[0, 3, 'mlp'], [1, 0, 'attn'], [2, 11, 'attn'], [3, 3, 'mlp'], [4, -1, null], [5, 2, null], [6, 3, 'mlp'], [7, 4, 'attn']]);
  });

  test('are not taken from names that only look like them, comments, and numbers nobody knows', () => {
    assert.deepEqual(mentions(['h[3] = 1', 'mylayers[3]', '# model.blocks[3].mlp', 'blocks[i].mlp', 'layers.3d', 'players[3].health'].join('\n')), []);
  });

  test('are one a line and layer, by what says most', () => {
    assert.deepEqual(mentions('swap(model.blocks[1], model.blocks[1].mlp, model.blocks[2].attn)'), [[0, 1, 'mlp'], [0, 2, 'attn']]);
  });

  test('are those of the tower that the line names', () => {
    const summary = summaryOf(tower('enc', 2), tower('dec', 3));
    const at = (line: string): string | undefined => {
      const [mention] = layersIn(line);
      const layer = mention && layerOf(summary, mention);
      return layer && `${layer.tower.name} ${layer.block.index}`;
    };
    assert.deepEqual([at('model.decoder.layers[2].mlp'), at('model.encoder.layers[-1]'), at('model.layers[1]'), at('model.encoder.layers[2]')], ['dec 2', 'enc 1', 'enc 1', undefined]);
  });

  test('are told in a line, with what an index has', () => {
    const summary = summaryOf(tower('', 6));
    const [mention] = layersIn('model.blocks[3].mlp');
    assert.ok(mention);
    const layer = layerOf(summary, mention);
    assert.ok(layer);
    assert.equal(layerLens(layer, 'mlp', undefined), 'Layer 3: 768 neurons, silu');
    const figures = { layer: 3, address: 'blocks.3.mlp.hook_post', neurons: 768, activation: 'silu', tokens: 36_000, finished: true, dead: 2, dense: 31, firingRate: 0.241, mean: 0, max: 1, monosemantic: [], polysemantic: [] };
    assert.equal(layerLens(layer, 'mlp', figures), 'Layer 3: 768 neurons, silu, 2 dead, 31 dense, fire on 24.1% of tokens');
    assert.equal(layerLens(layer, 'attn', figures), 'Layer 3: 6 heads');
    assert.equal(layerLens(layer, null, undefined), 'Layer 3: 6 heads, 768 neurons, silu');
  });
});

suite('what an index tells in a hover', () => {
  test('is text, whatever marks stand in it', () => {
    assert.equal(escaped('[a](command:x) <b>'), '&#91;a&#93;&#40;command&#58;x&#41; &#60;b&#62;');
    assert.doesNotMatch(contextLine({ tokens: ['**', '[x]', '(command:cogscope.copyAddress)', '`', '\n'], at: 1 }), /\[x\]|\(command/);
  });

  test('has what others say of a neuron behind its readings, as theirs', () => {
    const figures: NeuronFigures = {
      address: 'L0N0', tokens: 100, finished: true, firingRate: 0.1, mean: 0, max: 1, dead: false, dense: false, histogram: { low: 0, high: 1, counts: [1], sampled: 1 }, examples: [],
      outputTokens: { kind: 'none', reason: '' }, readings: [{ label: 'names', rule: null, share: 1, score: 1, activation: 1 }], meanings: 1, sure: 0.5,
      described: [{ text: '<b>names</b> ', source: 'gpt-4', score: 0.71 }, { text: 'x'.repeat(5000), source: 'list.json', score: null }],
    };
    const lines = neuronLines(figures);
    assert.match(lines[1] ?? '', /^Reads as \*\*names/);
    assert.equal(lines[2], `*${escaped('gpt-4')}* says: ${escaped('<b>names</b> ')} (score 0.71)`);
    assert.ok(lines[3]?.startsWith(`*${escaped('list.json')}* says: xxx`) && lines[3].length < 400 && !lines[3].includes('score'), lines[3]);
  });

  test('marks the token and leaves far ones out', () => {
    const tokens = Array.from({ length: 40 }, (_, at) => ` w${at}`);
    assert.equal(contextLine({ tokens, at: 20 }), '… w8 w9 w10 w11 w12 w13 w14 w15 w16 w17 w18 w19**·w20** w21 w22 w23 w24 w25…');
  });

  test('draws a bar a bin, none for an empty one', () => {
    assert.equal(textHistogram({ low: -0.25, high: 4, counts: [1000, 10, 0, 1], sampled: 1011 }), '−0.25 `█▃ ▁` 4');
  });
});

test('neurons are completed once their layer is typed, in their order', () => {
  const summary = summaryOf(tower('', 2), tower('dec', 1));
  assert.deepEqual(neuronCandidates(summary, 'L1'), []);
  assert.equal(neuronCandidates(summary, 'L1N').length, 768);
  assert.deepEqual(neuronCandidates(summary, 'L1N76').map(({ address }) => address), ['L1N76', 'L1N760', 'L1N761', 'L1N762', 'L1N763', 'L1N764', 'L1N765', 'L1N766', 'L1N767']);
  assert.equal(neuronCandidates(summary, 'dec.L0N1')[0]?.address, 'dec.L0N1');
  assert.deepEqual(neuronCandidates(summary, 'L2N'), [], 'a layer that is not there');
});
