/** From the file's nodes to a graph that can be walked: order, links, subgraphs, the exporter's record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import { FunctionProtoSchema, SparseTensorProtoSchema, StringStringEntryProtoSchema } from '../../../src/engine/onnx/proto/onnx_pb.js';
import type { ModelProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { ModelSession } from '../../../src/engine/session.ts';
import { fixtures } from '../../engine/fixtures.ts';
import { FLOAT, floats, graph, integers, model, modelBytes, node, valueInfo } from '../../lib/protos.ts';
import type { GraphParts } from '../../lib/protos.ts';
import { randomValues } from '../../lib/random.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();
const open = async (proto: ModelProto): Promise<OnnxModel> => await OnnxModel.open(scratch.write('model.onnx', modelBytes(proto)));
const x = valueInfo('x', FLOAT, ['n']);
const y = valueInfo('y', FLOAT, ['n']);

async function damaged(parts: GraphParts): Promise<string> {
  try {
    await (await open(model(parts))).close();
  } catch (error) {
    assert.ok(error instanceof CogscopeError, String(error));
    assert.equal(error.code, 'unreadable');
    assert.equal(error.data.todo, 'Export it again, or check it with onnx.checker');
    return error.data.what;
  }
  throw new Error('it opened');
}

test('nodes in any order come out so that each follows what it reads', async () => {
  const opened = await open(model({ nodes: [node('Neg', ['b'], ['y']), node('Add', ['a', 'x'], ['b']), node('Relu', ['x'], ['a'])], inputs: [x], outputs: [y] }));
  assert.deepEqual(opened.graph.nodes.map((one) => one.op), ['Relu', 'Add', 'Neg']);
  const [input] = opened.graph.inputs;
  assert.deepEqual(input?.consumers.map((one) => one.op), ['Relu', 'Add']);
  await opened.close();
});

test('a tensor that nothing makes, a circle, and an output that nothing makes', async () => {
  assert.match(await damaged({ nodes: [node('Relu', ['lost'], ['y'])], inputs: [x], outputs: [y] }), /node "Relu" reads "lost", which nothing makes/);
  assert.match(await damaged({ nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b'])], inputs: [x], outputs: [valueInfo('b', FLOAT, ['n'])] }), /needs its own result/);
  assert.match(await damaged({ nodes: [node('Relu', ['y'], ['y'])], inputs: [x], outputs: [y] }), /needs its own result/);
  assert.match(await damaged({ nodes: [node('Relu', ['x'], ['y'])], inputs: [x], outputs: [valueInfo('lost', FLOAT, ['n'])] }), /output "lost" is made by nothing/);
});

test('a tensor that is made twice, or that is an input or a weight already', async () => {
  const twice = (name: string): GraphParts => ({ nodes: [node('Relu', ['x'], ['y']), node('Neg', ['x'], [name])], weights: [floats('w', [1], [1])], inputs: [x], outputs: [y] });
  for (const name of ['y', 'x', 'w']) assert.match(await damaged(twice(name)), new RegExp(`makes "${name}", which is there already|needs its own result through "${name}"`));
});

test('a subgraph reads values from outside, from two levels up, and by shadowed names its own', async () => {
  const inner = graph({ nodes: [node('Add', ['far', 'shadowed'], ['inner.y'])], outputs: [valueInfo('inner.y', FLOAT, ['n'])] });
  const branch = graph({
    nodes: [node('Relu', ['near'], ['shadowed']), node('If', ['flag'], ['branch.y'], { then_branch: inner, else_branch: inner })],
    outputs: [valueInfo('branch.y', FLOAT, ['n'])],
  });
  const opened = await open(model({
    nodes: [
      node('If', ['flag'], ['y'], { then_branch: branch, else_branch: branch }),
      node('Relu', ['x'], ['near']), node('Neg', ['x'], ['far']), node('Abs', ['x'], ['shadowed']), node('Cast', ['x'], ['flag'], { to: 9 }),
    ],
    inputs: [x], outputs: [y],
  }));
  const choice = opened.graph.nodes.find((one) => one.op === 'If');
  assert.deepEqual(choice?.captured.map((value) => value.name).sort(), ['far', 'flag', 'near']);
  assert.deepEqual(opened.graph.nodes.slice(0, choice.index).map((one) => one.op).sort(), ['Cast', 'Neg', 'Relu'], 'it comes after what its subgraphs read');
  await opened.close();
});

test('functions of the model are no foreign operators; those of an unknown domain are named', async () => {
  const own = create(FunctionProtoSchema, { name: 'Twice', domain: 'mine', input: ['a'], output: ['b'], node: [node('Add', ['a', 'a'], ['b'])] });
  const parts = { nodes: [node('Twice', ['x'], ['t'], {}, 'mine'), node('Fold', ['t'], ['y'], {}, 'theirs')], inputs: [x], outputs: [y] };
  const opened = await open(model(parts, { functions: [own], opset: { '': 18, mine: 1, theirs: 1 } }));
  assert.deepEqual(opened.problems.map(({ code, what }) => [code, what]), [['refused', 'The model uses Fold of the domain "theirs"']]);
  await opened.close();
});

test('an operator set from the future is named with the highest that runs', async () => {
  const opened = await open(model({ nodes: [node('Relu', ['x'], ['y'])], inputs: [x], outputs: [y] }, { opset: { '': 99 } }));
  const [problem] = opened.problems;
  assert.equal(problem?.what, 'The model uses operator set 99');
  assert.match(problem.reason, /up to \d+$/);
  assert.match(problem.todo, /opset_version=\d+ or lower/);
  await opened.close();
});

test('a format version from the future is named too', async () => {
  const opened = await open(model({ nodes: [node('Relu', ['x'], ['y'])], inputs: [x], outputs: [y] }, { irVersion: 99 }));
  assert.deepEqual(opened.problems.map(({ code, what }) => [code, what]), [['refused', 'The file is in version 99 of the ONNX format']]);
  await opened.close();
});

test('a sparse weight opens, and is said not to run', async () => {
  const proto = model({ nodes: [node('Add', ['x', 'w'], ['y'])], inputs: [x], outputs: [y] });
  proto.graph?.sparseInitializer.push(create(SparseTensorProtoSchema, { values: floats('w', [1], [1]), indices: integers('', [1], [0]), dims: [3n] }));
  const opened = await open(proto);
  assert.deepEqual(opened.problems.map(({ code, what }) => [code, what]), [['refused', 'The weight "w" is sparse']]);
  await opened.close();
});

test('a weight that is listed as an input too, as files before 2019 have it, is no input', async () => {
  const opened = await open(model({ nodes: [node('Add', ['x', 'w'], ['y'])], weights: [floats('w', [1], [1])], inputs: [x, valueInfo('w', FLOAT, [1])], outputs: [y] }));
  assert.deepEqual(opened.graph.inputs.map((value) => value.name), ['x']);
  await opened.close();
});

test('a constant of any size is a weight or a node, and keeps its name', async () => {
  const constants = [8, 2000].map((length, index) => node('Constant', [], [`c${index}`], { value: floats('', [length], randomValues(index, length)) }));
  const opened = await open(model({ nodes: [...constants, node('Concat', ['c0', 'c1', 'x'], ['y'], { axis: 0 })], inputs: [x], outputs: [y] }));
  assert.deepEqual(opened.problems, []);
  assert.equal(opened.graph.byName.get('c0')?.producer?.op, 'Constant');
  assert.deepEqual(opened.weights.get('c1')?.dims, [2000]);
  await opened.close();
});

test('each node keeps the record that the exporter wrote into it', async () => {
  const made = node('Relu', ['x'], ['y']);
  made.metadataProps.push(create(StringStringEntryProtoSchema, { key: 'pkg.torch.onnx.stack_trace', value: 'File "model.py", line 3, in forward\n    return relu(x)' }), create(StringStringEntryProtoSchema, { key: 'namespace', value: 'größer' }));
  const opened = await open(model({ nodes: [made], inputs: [x], outputs: [y] }));
  const [relu] = opened.graph.nodes;
  assert.ok(relu);
  assert.equal(opened.records.value(relu.proto, 'pkg.torch.onnx.stack_trace'), 'File "model.py", line 3, in forward\n    return relu(x)');
  assert.equal(opened.records.value(relu.proto, 'namespace'), 'größer', 'an entry that stands behind another');
  assert.equal(opened.records.value(relu.proto, 'name'), '', 'an entry that is not there');
  await opened.close();
  for (const { name, path } of fixtures) {
    const fixture = await OnnxModel.open(path);
    const without = fixture.graph.nodes.filter((one) => one.op !== 'Split' && fixture.records.value(one.proto, 'pkg.torch.onnx.stack_trace') === '');
    assert.deepEqual(without.map((one) => one.name), [], `${name}: nodes without a record`);
    await fixture.close();
  }
});

test('a chain of a hundred thousand nodes opens without a stack of that depth', async () => {
  const count = 100_000;
  const chain = Array.from({ length: count }, (_, index) => node(index % 2 === 0 ? 'Relu' : 'Neg', [index === 0 ? 'x' : `t${index - 1}`], [index === count - 1 ? 'y' : `t${index}`]));
  const path = scratch.write('long.onnx', modelBytes(model({ nodes: chain.reverse(), inputs: [x], outputs: [y] })));
  const session = await ModelSession.open(path, null, { threads: 1, weightBudget: 1e9 });
  assert.equal(session.summary.model.nodes, count);
  await session.close();
});

test('three thousand residual sums in a row open', async () => {
  const nodes = Array.from({ length: 3000 }, (_, index) => [
    node('MatMul', [index === 0 ? 'x' : `s${index - 1}`, 'w'], [`m${index}`]),
    node('Add', [index === 0 ? 'x' : `s${index - 1}`, `m${index}`], [`s${index}`]),
  ]).flat();
  const parts = { nodes, weights: [floats('w', [4, 4], randomValues(1, 16))], inputs: [valueInfo('x', FLOAT, ['b', 'n', 4])], outputs: [valueInfo('s2999', FLOAT, ['b', 'n', 4])] };
  const session = await ModelSession.open(scratch.write('deep.onnx', modelBytes(model(parts))), null, { threads: 1, weightBudget: 1e9 });
  assert.equal(session.summary.model.nodes, 6000);
  await session.close();
});
