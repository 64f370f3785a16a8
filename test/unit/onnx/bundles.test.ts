/** What quantisers write as several nodes is one operator to those who read the graph, and runs as the file has it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnatomy } from '../../../src/engine/anatomy/read.ts';
import { inferTypes } from '../../../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import { chainShape } from '../../../src/engine/program/chain.ts';
import { FLOAT, floats, model, modelBytes, node, valueInfo } from '../../lib/protos.ts';
import type { GraphParts } from '../../lib/protos.ts';
import { quantised } from '../../lib/quantise.ts';
import { Scratch } from '../../lib/scratch.ts';
import { around, attentionNodes, mlpNodes } from '../../lib/tinyAttention.ts';

const scratch = new Scratch();
const open = async (parts: GraphParts): Promise<OnnxModel> => await OnnxModel.open(scratch.write('model.onnx', modelBytes(model(parts, { opset: { '': 18, 'com.microsoft': 1 } }))));

function block(): GraphParts {
  const [attention, mlp] = [attentionNodes('embedded', 'attended'), mlpNodes('mid', 'added', 'm.')];
  return around({
    nodes: [...attention.nodes, node('Add', ['embedded', 'attended'], ['mid']), ...mlp.nodes, node('Add', ['mid', 'added'], ['final'])],
    weights: [...attention.weights, ...mlp.weights],
  });
}

for (const form of ['dynamic', 'pairs', 'blocks'] as const) {
  test(`quantised (${form}): heads, neurons and roles as in the float model, and the file's nodes in the stages`, async () => {
    const opened = await open(quantised(block(), form));
    const types = inferTypes(opened);
    const anatomy = readAnatomy(opened, types);
    assert.deepEqual(anatomy.refused, []);
    const [tower] = anatomy.towers;
    const [only] = tower?.blocks ?? [];
    assert.deepEqual([tower?.vocab, tower?.dModel, tower?.logits !== null, only?.attention?.heads, only?.attention?.dHead, only?.mlp?.neurons, only?.mlp?.activation], [96, 4, true, 2, 2, 6, 'relu']);
    assert.ok(only?.attention?.q && only.attention.k && only.attention.v && only.mlp?.pre && only.residMid);
    assert.deepEqual([...anatomy.roles.values()], ['ids']);
    const shape = chainShape(opened, types, anatomy);
    const byOneScale = form === 'dynamic';
    assert.equal(shape.stackable, !byOneScale, 'variants are stacked only where no scale spans them');
    assert.equal(shape.tailByPosition, !byOneScale, 'the last stage is cut to positions only where no scale spans them');
    await opened.close();
  });
}

test('the rounding that several projections share is part of each, and stands in the graph no more', async () => {
  const opened = await open(quantised(block(), 'dynamic'));
  const projections = opened.graph.nodes.filter((one) => one.op === 'MatMul' && one.parts);
  assert.equal(projections.length, 7, 'q, k, v, o, in, out and the unembedding');
  assert.ok(!opened.graph.nodes.some((one) => ['DynamicQuantizeLinear', 'MatMulInteger', 'Cast', 'Mul'].includes(one.op)), opened.graph.nodes.map((one) => one.op).join());
  const shared = projections.slice(0, 3).map((one) => one.parts?.[0]);
  assert.equal(new Set(shared).size, 1, 'q, k and v quantise the state once');
  opened.graph.nodes.forEach((one, index) => {
    assert.equal(one.index, index);
    for (const value of [...one.inputs, ...one.captured]) assert.ok(value && (value.producer?.index ?? -1) < index && value.consumers.includes(one));
    for (const value of one.outputs) assert.equal(value?.producer, one);
  });
  await opened.close();
});

test('where something else reads the quantised values the nodes stay as they are', async () => {
  const parts = quantised(block(), 'dynamic');
  const seen = [...parts.nodes, node('Cast', ['embedded.q'], ['seen'], { to: FLOAT })];
  const opened = await open({ ...parts, nodes: seen, outputs: [...parts.outputs, valueInfo('seen', FLOAT, ['batch', 'sequence', 4])] });
  const left = opened.graph.nodes.filter((one) => one.op === 'MatMulInteger');
  assert.equal(left.length, 3, 'q, k and v');
  assert.equal(opened.graph.nodes.filter((one) => one.op === 'MatMul' && one.parts).length, 4);
  await opened.close();
});

test('a weight that is dequantised is a weight and no rounding of the stream', async () => {
  const opened = await open({
    nodes: [node('QuantizeLinear', ['w', 'scale'], ['q']), node('DequantizeLinear', ['q', 'scale'], ['back']), node('MatMul', ['x', 'back'], ['y'])],
    weights: [floats('w', [2, 2], [1, 2, 3, 4]), floats('scale', [], [0.1])], inputs: [valueInfo('x', FLOAT, ['n', 2])], outputs: [valueInfo('y', FLOAT, ['n', 2])],
  });
  assert.deepEqual(opened.graph.nodes.map((one) => one.op), ['QuantizeLinear', 'DequantizeLinear', 'MatMul']);
  await opened.close();
});
