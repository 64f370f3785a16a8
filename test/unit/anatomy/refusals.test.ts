/** What the anatomy does not understand is refused with a reason a person can act on, and the rest of the model still opens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesOf } from '../../../src/engine/anatomy/addresses.ts';
import { readAnatomy } from '../../../src/engine/anatomy/read.ts';
import type { Anatomy } from '../../../src/engine/anatomy/types.ts';
import { inferTypes } from '../../../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import type { NodeProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, floats, INT64, integers, model, modelBytes, node, valueInfo } from '../../lib/protos.ts';
import type { GraphParts, ModelOptions } from '../../lib/protos.ts';
import { randomValues } from '../../lib/random.ts';
import { Scratch } from '../../lib/scratch.ts';
import { around, attentionNodes, mlpNodes, VOCAB } from '../../lib/tinyAttention.ts';
import type { Layer } from '../../lib/tinyAttention.ts';

const scratch = new Scratch();

async function anatomyOf(parts: GraphParts, options?: ModelOptions): Promise<Anatomy> {
  const opened = await OnnxModel.open(scratch.write('model.onnx', modelBytes(model(parts, options))));
  const anatomy = readAnatomy(opened, inferTypes(opened));
  await opened.close();
  return anatomy;
}

const add = (a: string, b: string, sum: string): Layer => ({ nodes: [node('Add', [a, b], [sum])], weights: [] });

/** Two blocks of attention and MLP, with something done to the attention of the first. */
function twoBlocks(change: (layer: Layer) => Layer): GraphParts {
  const layers = [
    change(attentionNodes('embedded', 'attn0', 'a0.')), add('embedded', 'attn0', 'mid0'), mlpNodes('mid0', 'mlp0', 'm0.'), add('mid0', 'mlp0', 'post0'),
    attentionNodes('post0', 'attn1', 'a1.'), add('post0', 'attn1', 'mid1'), mlpNodes('mid1', 'mlp1', 'm1.'), add('mid1', 'mlp1', 'final'),
  ];
  return around({ nodes: layers.flatMap((layer) => layer.nodes), weights: layers.flatMap((layer) => layer.weights) });
}

const withNodes = (change: (nodes: readonly NodeProto[]) => readonly NodeProto[]) => (layer: Layer): Layer => ({ ...layer, nodes: change(layer.nodes) });
const replace = (op: string, made: (old: NodeProto) => readonly NodeProto[]) => withNodes((nodes) => nodes.flatMap((old) => (old.opType === op ? made(old) : [old])));

/** What is to be said of the first block's attention, with the second block and both MLPs read all the same. */
async function refusesFirst(change: (layer: Layer) => Layer, reason: string, options?: ModelOptions): Promise<void> {
  const { towers, refused } = await anatomyOf(twoBlocks(change), options);
  assert.deepEqual(refused, [{ what: 'Attention at layer 0', reason }]);
  assert.deepEqual(towers[0]?.blocks.map(({ attention, mlp, residMid }) => [attention !== null, mlp !== null, residMid !== null]), [[false, true, true], [true, true, true]]);
  const addresses = placesOf({ classes: null, towers, roles: new Map(), owners: new Map(), refused }).map((entry) => entry.address);
  assert.ok(!addresses.some((address) => address.startsWith('blocks.0.attn')), 'nothing of the refused attention can be pointed at');
  assert.ok(addresses.includes('blocks.1.attn.hook_pattern') && addresses.includes('blocks.0.mlp.hook_post'));
}

test('as it should be: two blocks, nothing refused', async () => {
  const { towers, refused } = await anatomyOf(twoBlocks((layer) => layer));
  assert.deepEqual(refused, []);
  assert.deepEqual(towers[0]?.blocks.map((block) => [block.attention?.heads, block.mlp?.neurons]), [[2, 6], [2, 6]]);
});

test('a softmax over the queries, or over the heads', async () => {
  for (const axis of [1, 2, -2]) {
    await refusesFirst(replace('Softmax', (old) => [node('Softmax', old.input, old.output, { axis })]), `its softmax runs over axis ${axis} of 4 axes, not over the last one`);
  }
});

test('a softmax without an axis, before operator set 13, where that meant the second', async () => {
  const { refused } = await anatomyOf(twoBlocks(replace('Softmax', (old) => [node('Softmax', old.input, old.output)])), { opset: { '': 12 } });
  assert.ok(refused.some(({ what, reason }) => what === 'Attention at layer 0' && reason === 'its softmax runs over axis 1 of 4 axes, not over the last one'));
});

test('a pattern that feeds two products', () => refusesFirst(
  withNodes((nodes) => nodes.flatMap((old) => (old.output[0] === 'a0.z' ? [
    node('MatMul', ['a0.pattern', 'a0.v.side'], ['z1']), node('MatMul', ['a0.pattern', 'a0.q.side'], ['z2']), node('Add', ['z1', 'z2'], ['a0.z']),
  ] : [old]))),
  'its softmax feeds 2 products, not one',
));

test('scores that are the sum of two products', () => refusesFirst(
  withNodes((nodes) => nodes.flatMap((old) => (old.output[0] === 'a0.scores' ? [
    node('MatMul', ['a0.q.side', 'a0.k.side'], ['s1']), node('Transpose', ['a0.v.side'], ['vt'], { perm: [0, 1, 3, 2] }), node('MatMul', ['a0.q.side', 'vt'], ['s2']), node('Add', ['s1', 's2'], ['a0.scores']),
  ] : [old]))),
  '2 products of activations make its scores, as in disentangled attention, which is not read yet',
));

test('a pattern behind the values', () => refusesFirst(
  withNodes((nodes) => nodes.flatMap((old) => (old.output[0] === 'a0.z' ? [
    node('Transpose', ['a0.v.side'], ['vt'], { perm: [0, 1, 3, 2] }), node('MatMul', ['vt', 'a0.pattern'], ['zt']), node('Transpose', ['zt'], ['a0.z'], { perm: [0, 1, 3, 2] }),
  ] : [old]))),
  'its pattern stands behind the values in their product, so that it mixes the positions that attend',
));

const einsumInstead = (product: 'scores' | 'z', equation: string, swapped = false) => withNodes((nodes) => nodes.flatMap((old) => {
  if (old.output[0] !== `a0.${product}`) return [old];
  const [left = '', right = ''] = old.input;
  return [node('Einsum', swapped ? [right, left] : [left, right], [...old.output], { equation })];
}));

test('an Einsum that mixes the positions that attend, or sums over something else', async () => {
  for (const equation of ['bhij,bhid->bhjd', 'bhij,bhjd->bhjd', 'bhij,bhjd->bhi']) {
    await refusesFirst(einsumInstead('z', equation), `its products are MatMul and Einsum (${equation}), which are not read yet`);
  }
});

test('an Einsum is read by its letters, in whichever order its operands stand', async () => {
  const changes = [
    einsumInstead('z', 'bhij,bhjd->bhid'), einsumInstead('z', 'bhjd,bhij->bhid', true), einsumInstead('scores', 'bhid,bhdj->bhij'), einsumInstead('scores', 'nmyz,nmxy->nmxz', true),
  ];
  const places = async (change: (layer: Layer) => Layer): Promise<unknown> => {
    const { towers, refused } = await anatomyOf(twoBlocks(change));
    assert.deepEqual(refused, []);
    return placesOf({ classes: null, towers, roles: new Map(), refused, owners: new Map() }).map(({ address, place }) => [address, place.value.name, place.layout]);
  };
  const plain = await places((layer) => layer);
  for (const change of changes) assert.deepEqual(await places(change), plain);
});

test('attention without a softmax, and a pattern that is multiplied by something before it is used', async () => {
  for (const made of [(old: NodeProto) => [node('Tanh', old.input, old.output)], (old: NodeProto) => [node('Softmax', old.input, ['p'], { axis: -1 }), node('Mul', ['p', 'a0.scores'], old.output)]]) {
    const { towers, refused } = await anatomyOf(twoBlocks(replace('Softmax', made)));
    assert.deepEqual(refused, [{ what: 'Attention at layer 0', reason: 'it multiplies activations with each other in a way that is not read as attention' }]);
    assert.deepEqual(towers[0]?.blocks.map((block) => [block.attention !== null, block.mlp?.neurons]), [[false, 6], [true, 6]], 'no neurons are seen in it');
  }
});

test('attention in one fused operator, of a form that is not written out', async () => {
  const fused: Layer = {
    nodes: [
      ...['q', 'k', 'v'].map((part) => node('MatMul', ['embedded', `f.w${part}`], [`f.${part}`])),
      node('MultiHeadAttention', ['f.q', 'f.k', 'f.v'], ['f.z'], { num_heads: 2 }, 'com.microsoft'), node('MatMul', ['f.z', 'f.wo'], ['attn0']),
    ],
    weights: ['q', 'k', 'v', 'o'].map((part, index) => floats(`f.w${part}`, [4, 4], randomValues(index + 20, 16))),
  };
  const opset = { '': 18, 'com.microsoft': 1 };
  const known = await anatomyOf(twoBlocks(() => fused), { opset });
  assert.deepEqual(known.refused, []);
  assert.deepEqual(known.towers[0]?.blocks.map((block) => block.attention?.heads), [2, 2]);
  const packed = withNodes((nodes) => nodes.map((old) => (old.opType === 'MultiHeadAttention' ? node('MultiHeadAttention', ['f.q', 'f.k'], ['f.z'], { num_heads: 2 }, 'com.microsoft') : old)));
  const { refused } = await anatomyOf(twoBlocks(() => packed(fused)), { opset });
  assert.deepEqual(refused.map(({ reason }) => reason), ['it is one fused operator (MultiHeadAttention), which is not opened since its keys and values are packed into one input: export the model without fusing it']);
});

test('residual sums that are fused with norms, and projections that are quantised, are named with what to export instead', async () => {
  const parts = twoBlocks((layer) => layer);
  const [unit, none] = [floats('unit', [4], [1, 1, 1, 1]), floats('none', [4], [0, 0, 0, 0])];
  // The mean is used, which is not written out.
  const fusing = (old: NodeProto): readonly NodeProto[] => (old.opType === 'Add' ? [
    node('SkipLayerNormalization', [...old.input, 'unit', 'none'], [`${old.output[0]}.normed`, `${old.output[0]}.mean`, '', ...old.output], {}, 'com.microsoft'), node('Relu', [`${old.output[0]}.mean`], [`${old.output[0]}.used`]),
  ] : [old]);
  const all = await anatomyOf({ ...parts, nodes: parts.nodes.flatMap(fusing), weights: [...parts.weights ?? [], unit, none] }, { opset: { '': 18, 'com.microsoft': 1 } });
  const reason = 'Residual sums are fused with norms (SkipLayerNormalization), which are not opened since its output 2 is used, which is not written out: export the model without fusing it';
  assert.deepEqual([all.towers, all.refused], [[], [{ what: 'Layers, heads and neurons', reason }]]);
  const last = await anatomyOf({ ...parts, nodes: parts.nodes.flatMap((old) => (old.output[0] === 'final' ? fusing(old) : [old])), weights: [...parts.weights ?? [], unit, none] }, { opset: { '': 18, 'com.microsoft': 1 } });
  assert.deepEqual(last.refused, [{ what: 'Some residual sums', reason }]);
  assert.equal(last.towers[0]?.blocks.length, 2);
  const learnt = new Set(parts.weights?.map((weight) => weight.name));
  const quantised = parts.nodes.map((old) => (old.opType === 'MatMul' && learnt.has(old.input[1] ?? '') ? node('QLinearMatMul', [old.input[0] ?? '', 'unit', 'none', old.input[1] ?? '', 'unit', 'none', 'unit', 'none'], old.output) : old));
  const integers = await anatomyOf({ ...parts, nodes: quantised, weights: [...parts.weights ?? [], unit, none] });
  assert.deepEqual([integers.towers, integers.refused], [[], [{ what: 'Layers, heads and neurons', reason: 'Values between operators are integers (QOperator format), which is not read: quantise with QuantFormat.QDQ, or use the float export' }]]);
});

test('a router of experts is no attention', async () => {
  const layers: readonly Layer[] = [
    attentionNodes('embedded', 'attn', 'a.'), add('embedded', 'attn', 'mid'),
    { nodes: [node('MatMul', ['mid', 'gate'], ['g']), node('Softmax', ['g'], ['route'], { axis: -1 }), node('TopK', ['route', 'one'], ['best', 'index'], { axis: -1 })], weights: [floats('gate', [4, 3], randomValues(30, 12)), integers('one', [1], [1])] },
    mlpNodes('mid', 'mlp', 'm.'), { nodes: [node('Mul', ['mlp', 'best'], ['weighted'])], weights: [] }, add('mid', 'weighted', 'final'),
  ];
  const { towers, refused } = await anatomyOf(around({ nodes: layers.flatMap((layer) => layer.nodes), weights: layers.flatMap((layer) => layer.weights) }));
  assert.equal(towers[0]?.blocks.filter((block) => block.attention).length, 1);
  assert.ok(!refused.some(({ what }) => what.startsWith('The attention')), JSON.stringify(refused));
});

test('a stream that is interrupted is shown up to there, so that no layer gets another\'s number', async () => {
  const layers: readonly Layer[] = [
    attentionNodes('embedded', 'attn0', 'a0.'), add('embedded', 'attn0', 's0'),
    // Something between two blocks that is no norm and no residual sum.
    { nodes: [node('MatMul', ['s0', 'between'], ['t']), node('Relu', ['t'], ['s1'])], weights: [floats('between', [4, 4], randomValues(40, 16))] },
    ...[1, 2].flatMap((index) => [attentionNodes(`s${index}`, `attn${index}`, `a${index}.`), add(`s${index}`, `attn${index}`, index === 2 ? 'final' : `s${index + 1}`)]),
  ];
  const { towers, refused } = await anatomyOf(around({ nodes: layers.flatMap((layer) => layer.nodes), weights: layers.flatMap((layer) => layer.weights) }));
  assert.equal(towers[0]?.blocks.length, 1);
  assert.equal(towers[0].blocks[0]?.start.value.name, 'embedded');
  assert.ok(towers[0].logits, 'the model\'s predictions are what they are');
  assert.deepEqual(refused[0], { what: '2 residual sums behind the first 1', reason: 'Something that is not read stands in the stream between them, so their layers cannot be counted' });
});

/** An encoder of one block and a decoder that attends to itself and to it, with something done to its cross attention. */
function encoderDecoder(change: (nodes: readonly NodeProto[]) => readonly NodeProto[] = (nodes) => nodes): GraphParts {
  const cross = attentionNodes('dec1', 'cross', 'c.');
  const fromEncoder = cross.nodes.map((old) => (old.input[0] === 'dec1' && old.output[0] !== 'c.q' ? node('MatMul', ['enc1', old.input[1] ?? ''], old.output) : old));
  const layers: readonly Layer[] = [
    attentionNodes('encoded', 'e', 'e.'), add('encoded', 'e', 'enc0'), mlpNodes('enc0', 'em', 'em.'), add('enc0', 'em', 'enc1'),
    attentionNodes('embedded', 'd', 'd.'), add('embedded', 'd', 'dec1'), { ...cross, nodes: change(fromEncoder) }, add('dec1', 'cross', 'dec2'), mlpNodes('dec2', 'dm', 'dm.'), add('dec2', 'dm', 'final'),
  ];
  const parts = around({ nodes: [node('Gather', ['table', 'source_ids'], ['encoded']), ...layers.flatMap((layer) => layer.nodes)], weights: layers.flatMap((layer) => layer.weights) });
  return { ...parts, inputs: [...parts.inputs ?? [], valueInfo('source_ids', INT64, ['batch', 'source'])] };
}

test('an encoder and a decoder that attends to it are two towers, the encoder first', async () => {
  const { towers, refused, owners } = await anatomyOf(encoderDecoder());
  assert.deepEqual(refused, []);
  assert.deepEqual(towers.map(({ name, attendsTo, ids }) => [name, attendsTo?.name ?? null, ids?.name]), [['enc', null, 'source_ids'], ['dec', 'enc', 'input_ids']]);
  const [encoder, decoder] = towers;
  assert.deepEqual([encoder?.logits, decoder?.logits?.value.name], [null, 'logits'], 'the decoder\'s logits are not the encoder\'s');
  assert.deepEqual([...owners].map(([input, tower]) => [input.name, tower.name]), [['input_ids', 'dec'], ['source_ids', 'enc']]);
  const [block] = decoder?.blocks ?? [];
  assert.deepEqual([block?.residPre, block?.residMid, block?.residMidCross, block?.residPost].map((place) => place?.value.name), ['embedded', 'dec1', 'dec2', 'final']);
  assert.deepEqual([block?.attention?.source, block?.cross?.source?.name], [null, 'enc1']);
  assert.deepEqual(block?.cross?.k?.layout.flat(), ['batch', 'src', 'head', 'dHead'], 'the keys stand at the encoder\'s positions');
});

test('cross attention that is not read leaves the rest of its block, and no layer gets another\'s number', async () => {
  const { towers, refused } = await anatomyOf(encoderDecoder((nodes) => nodes.map((old) => (old.opType === 'Softmax' ? node('Softmax', old.input, old.output, { axis: 1 }) : old))));
  assert.deepEqual(refused, [{ what: 'Cross attention at layer 0 (dec.)', reason: 'its softmax runs over axis 1 of 4 axes, not over the last one' }]);
  assert.deepEqual(towers[1]?.blocks.map((block) => [block.attention !== null, block.cross, block.mlp !== null]), [[true, null, true]]);
});

test('keys from the encoder and values from the decoder are no attention that has an address', async () => {
  const { towers, refused } = await anatomyOf(encoderDecoder((nodes) => nodes.map((old) => (old.output[0] === 'c.v' ? node('MatMul', ['dec1', old.input[1] ?? ''], old.output) : old))));
  assert.deepEqual(refused.map(({ reason }) => reason), ['its keys and its values come from different streams']);
  assert.equal(towers[1]?.blocks[0]?.cross, null);
});

test('a decoder without its encoder attends to what an input gives', async () => {
  const parts = encoderDecoder();
  const { towers, roles, owners } = await anatomyOf({
    ...parts, nodes: parts.nodes.filter((old) => !/^(e\.|em\.|e$|em$|enc|encoded)/.test(old.output[0] ?? '')), inputs: [...(parts.inputs ?? []).slice(0, 1), valueInfo('enc1', FLOAT, ['batch', 'source', 4])],
  });
  assert.deepEqual(towers.map(({ name, attendsTo, blocks }) => [name, attendsTo?.name, blocks.map((block) => block.cross !== null)]), [['', 'enc1', [true]]]);
  assert.deepEqual([[...roles.values()], [...owners.keys()].map((input) => input.name)], [['ids', 'states'], ['input_ids']]);
});

test('a convolutional net opens with its channels, and a net without any stream with what there is', async () => {
  const conv: GraphParts = {
    nodes: [node('Conv', ['image', 'kernel'], ['c'], { pads: [1, 1, 1, 1] }), node('Relu', ['c'], ['r']), node('GlobalAveragePool', ['r'], ['p']), node('Flatten', ['p'], ['f']), node('MatMul', ['f', 'head'], ['classes'])],
    weights: [floats('kernel', [8, 3, 3, 3], randomValues(50, 216)), floats('head', [8, 10], randomValues(51, 80))],
    inputs: [valueInfo('image', FLOAT, ['batch', 3, 32, 32])], outputs: [valueInfo('classes', FLOAT, ['batch', 10])],
  };
  const seen = await anatomyOf(conv);
  assert.deepEqual(seen.towers.map(({ kind, blocks }) => [kind, blocks.length]), [['cnn', 0]]);
  assert.deepEqual(placesOf(seen).map(({ address, axes }) => [address, axes]), [['conv0', ['batch', 'channel', 'height', 'width']]], 'numbered, where the file has no name for it');
  assert.equal(seen.towers[0]?.convolutions[0]?.channels, 8);
  assert.deepEqual([...seen.roles.values()], ['pixels']);
  assert.equal(seen.classes?.value.name, 'classes');
  assert.deepEqual(seen.refused, []);
  const reason = 'No attention and no residual stream were found in the graph; its inputs, outputs and nodes are listed all the same';
  const flat = await anatomyOf({ nodes: [node('Relu', ['x'], ['y'])], inputs: [valueInfo('x', FLOAT, ['n'])], outputs: [valueInfo('y', FLOAT, ['n'])] });
  assert.deepEqual(flat.refused, [{ what: 'Layers, heads and neurons', reason }]);
});

test('attention that no residual sum takes up', async () => {
  const parts = around(attentionNodes('embedded', 'final'));
  const { towers, refused } = await anatomyOf(parts);
  assert.deepEqual(towers, []);
  assert.deepEqual(refused, [{ what: 'Its one attention layer', reason: 'Its output never meets a residual sum, so there is no stream to cut the model at' }]);
});

const ending = (nodes: readonly NodeProto[], shape: readonly (number | string)[]): GraphParts => {
  const parts = twoBlocks((layer) => layer);
  return {
    ...parts, nodes: [...parts.nodes.filter((old) => old.output[0] !== 'logits'), ...nodes], outputs: [valueInfo('logits', FLOAT, shape)],
    weights: [...parts.weights ?? [], floats('labels', [4, 90], randomValues(60, 360)), integers('last', [1], [-1]), integers('end', [1], [2 ** 53]), integers('axis', [1], [1])],
  };
};
const unembed = (from: string, to: string): NodeProto => node('MatMul', [from, 'unembed'], [to]);

test('outputs that are no logits over the vocabulary at every position give no predictions', async () => {
  const cases: readonly (readonly [parts: GraphParts, reason: string | null])[] = [
    [ending([unembed('final', 'l'), node('Softmax', ['l'], ['logits'], { axis: -1 })], ['batch', 'sequence', VOCAB]), 'The output holds probabilities, not logits'],
    [ending([node('Slice', ['final', 'last', 'end', 'axis'], ['f']), unembed('f', 'logits')], ['batch', 1, VOCAB]), 'The output has logits for one position only, not for all of them'],
    [ending([node('MatMul', ['final', 'labels'], ['logits'])], ['batch', 'sequence', 90]), null],
    [ending([unembed('embedded', 'logits')], ['batch', 'sequence', VOCAB]), null],
    [ending([node('Relu', ['final'], ['logits'])], ['batch', 'sequence', 4]), null],
  ];
  for (const [index, [parts, reason]] of cases.entries()) {
    const { towers, refused } = await anatomyOf(parts);
    assert.equal(towers[0]?.logits, null, `case ${index}`);
    assert.deepEqual(refused, reason === null ? [] : [{ what: 'Predictions', reason }], `case ${index}`);
  }
});

test('log-probabilities and capped logits are logits', async () => {
  const last: readonly NodeProto[] = [node('LogSoftmax', ['l'], ['logits'], { axis: -1 }), node('Tanh', ['l'], ['logits'])];
  for (const made of last) assert.ok((await anatomyOf(ending([unembed('final', 'l'), made], ['batch', 'sequence', VOCAB]))).towers[0]?.logits, made.opType);
});
