/** Slim models: any part of a graph, run with the weights where they lie, gives what the whole file gives. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { Value } from '../../src/engine/onnx/graph.ts';
import { OnnxModel } from '../../src/engine/onnx/model.ts';
import { FunctionProtoSchema, ModelProtoSchema, ValueInfoProtoSchema } from '../../src/engine/onnx/proto/onnx_pb.js';
import type { FunctionProto, ModelProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { writeSlim } from '../../src/engine/onnx/slim.ts';
import type { SlimModel } from '../../src/engine/onnx/slim.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { makeTensor, toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { external, FLOAT, floats, graph, INT64, model, modelBytes, node, tensor, valueInfo } from '../lib/protos.ts';
import type { GraphParts, ModelOptions } from '../lib/protos.ts';
import { randomNumbers, randomValues } from '../lib/random.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtures, goldenInputs, maxAbs, openFixture } from './fixtures.ts';

const scratch = new Scratch();
const plain = { optimization: 'disabled', threads: 1 } as const;

async function runOnce(from: SlimModel | { readonly path: string }, feeds: ReadonlyMap<string, Tensor>, fetches: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
  const session = await OrtSession.create(from, plain);
  const outputs = await session.run(feeds, fetches);
  await session.release();
  return outputs;
}

for (const { name, path, meta } of fixtures.filter((fixture) => fixture.meta.style !== 'gpt2-deep')) {
  test(`${name}: random stretches of the graph with random outputs, bit for bit`, async () => {
    const opened = await openFixture(path);
    const { graph: whole } = opened.model;
    const proto = fromBinary(ModelProtoSchema, readFileSync(path));
    const made = whole.values.filter((value) => value.producer);
    proto.graph?.output.push(...made.filter((value) => value.outputIndex < 0).map((value) => create(ValueInfoProtoSchema, { name: value.name })));
    const given = new Map([...goldenInputs(opened, meta.style)].map(([value, given]) => [value.name, given]));
    const truth = new Map([...given, ...await runOnce({ bytes: toBinary(ModelProtoSchema, proto), folder: '/' }, given, made.map((value) => value.name))]);

    const next = randomNumbers(whole.nodes.length);
    for (let round = 0; round < 12; round++) {
      const from = Math.floor(next() * whole.nodes.length);
      const nodes = whole.nodes.slice(from, from + 1 + Math.floor(next() * 60));
      const inside = nodes.flatMap((one) => one.outputs).filter((value) => value !== undefined);
      const feeds = new Set(nodes.flatMap((one) => [...one.inputs, ...one.captured]).filter((value): value is Value => value !== undefined && !value.weight && !inside.includes(value)));
      const outputs = inside.filter((_, index) => index === inside.length - 1 || next() < 0.3);
      const slim = writeSlim(opened.model, {
        nodes: nodes.map((one) => one.proto),
        inputs: [...feeds].map((value) => ({ name: value.name, elemType: opened.types.of(value).elemType })),
        outputs: outputs.map((value) => ({ name: value.name, elemType: opened.types.of(value).elemType })),
      });
      const results = await runOnce(slim, new Map([...feeds].map((value) => [value.name, truth.get(value.name) as Tensor])), outputs.map((value) => value.name));
      for (const value of outputs) assert.deepEqual(results.get(value.name), truth.get(value.name), `round ${round}, nodes ${from} to ${from + nodes.length}, ${value.name}`);
    }
    await opened.model.close();
  });
}

const LENGTH = 700;
const x = valueInfo('x', FLOAT, ['n']);
const y = valueInfo('y', FLOAT, ['n']);
const values = randomValues(3, LENGTH);
const feeds: ReadonlyMap<string, Tensor> = new Map([['x', makeTensor(FLOAT, [LENGTH], randomValues(4, LENGTH))]]);

/** The whole graph as a slim model against the file as ONNX Runtime loads it. */
async function sameAsFile(path: string): Promise<void> {
  const opened = await OnnxModel.open(path);
  assert.deepEqual(opened.problems, []);
  const slim = writeSlim(opened, { nodes: opened.graph.nodes.map((one) => one.proto), inputs: [{ name: 'x', elemType: FLOAT }], outputs: [{ name: 'y', elemType: FLOAT }] });
  const [ours, theirs] = [await runOnce(slim, feeds, ['y']), await runOnce({ path: opened.realPath }, feeds, ['y'])];
  await opened.close();
  assert.deepEqual(ours.get('y'), theirs.get('y'));
}

test('calls of the model\'s functions are gone from the graph, where they have its operator set', async () => {
  const calls = ['Twice', 'Same', 'Old'].map((op, index, all) => node(op, [index === 0 ? 'x' : `v${index}`], [index === all.length - 1 ? 'y' : `v${index + 1}`], {}, 'mine'));
  const opened = await OnnxModel.open(write(model({ nodes: calls, inputs: [x], outputs: [y] }, { functions: functions(), opset: { '': 18, mine: 1 } })));
  assert.deepEqual(opened.graph.nodes.map(({ op }) => op), ['LeakyRelu', 'Neg', 'LeakyRelu', 'Neg', 'Identity', 'Old']);
  assert.deepEqual(opened.proto.functions.map(({ name }) => name), ['Old']);
  await opened.close();
});

const write = (proto: ModelProto): string => scratch.write('model.onnx', modelBytes(proto));
const addsTo = (weight: string): GraphParts => ({ nodes: [node('Add', ['x', weight], ['y'])], inputs: [x], outputs: [y] });

const branch = (sign: number): ReturnType<typeof graph> => graph({
  nodes: [node('Constant', [], ['inner.c'], { value: floats('', [LENGTH], values) }), node('Mul', ['outer', 'inner.w'], ['inner.m']), node('Add', ['inner.m', 'inner.c'], ['inner.y'])],
  weights: [floats('inner.w', [LENGTH], values.map((value) => value * sign))], outputs: [valueInfo('inner.y', FLOAT, ['n'])],
});
const twice = create(FunctionProtoSchema, {
  name: 'Shift', domain: 'mine', input: ['a'], output: ['b'], opsetImport: model({ nodes: [], outputs: [] }).opsetImport,
  node: [node('Constant', [], ['c'], { value: floats('', [LENGTH], values) }), node('Add', ['a', 'c'], ['b'])],
});

/** LeakyRelu twice, a call of a function by another, one that returns its input, one with a choice that captures a name of the function, one of an older set. */
function functions(): readonly FunctionProto[] {
  const alpha = (op: string, from: string, to: string, domain = ''): ReturnType<typeof node> => {
    const made = node(op, [from], [to], { alpha: 0.5 }, domain);
    for (const attribute of made.attribute) {
      attribute.refAttrName = 'alpha';
      attribute.f = 0;
    }
    return made;
  };
  const { opsetImport } = model({ nodes: [], outputs: [] }, { opset: { '': 18, mine: 1 } });
  const common = { domain: 'mine', opsetImport, input: ['a'], output: ['b'] };
  const fallback = node('LeakyRelu', [], [], { alpha: 0.125 }).attribute;
  const inner = (op: string): ReturnType<typeof graph> => graph({ nodes: [node(op, ['m'], ['inner'])], outputs: [valueInfo('inner', FLOAT, ['n'])] });
  return [
    create(FunctionProtoSchema, { ...common, name: 'Leak', attributeProto: fallback, node: [alpha('LeakyRelu', 'a', 'm'), node('Neg', ['m'], ['b'])] }),
    create(FunctionProtoSchema, { ...common, name: 'Twice', attributeProto: fallback, node: [alpha('Leak', 'a', 'm', 'mine'), alpha('Leak', 'm', 'b', 'mine')] }),
    create(FunctionProtoSchema, { ...common, name: 'Same', node: [node('Identity', ['a'], ['b'])] }),
    create(FunctionProtoSchema, { ...common, name: 'Choose', input: ['a', 'flag'], node: [node('Neg', ['a'], ['m']), node('If', ['flag'], ['b'], { then_branch: inner('Relu'), else_branch: inner('Abs') })] }),
    create(FunctionProtoSchema, { ...common, name: 'Old', opsetImport: model({ nodes: [], outputs: [] }, { opset: { '': 17 } }).opsetImport, node: [node('Relu', ['a'], ['b'])] }),
  ];
}

/** A branch that calls a function. */
const calling = (prefix: string): ReturnType<typeof graph> => graph({ nodes: [node('Twice', ['outer'], [`${prefix}.y`], {}, 'mine')], outputs: [valueInfo(`${prefix}.y`, FLOAT, ['n'])] });

const kinds: readonly (readonly [what: string, parts: GraphParts, options?: ModelOptions])[] = [
  ['weights as raw data', { ...addsTo('w'), weights: [floats('w', [LENGTH], values)] }],
  ['weights in float_data', { ...addsTo('w'), weights: [tensor('w', FLOAT, [LENGTH], { floatData: [...values] })] }],
  ['weights in int64_data', { ...addsTo('f'), nodes: [node('Cast', ['w'], ['f'], { to: FLOAT }), ...addsTo('f').nodes], weights: [tensor('w', INT64, [LENGTH], { int64Data: values.map((value) => BigInt(Math.round(value * 1e6))) })] }],
  ['half precision in int32_data', { ...addsTo('f'), nodes: [node('Cast', ['w'], ['f'], { to: FLOAT }), ...addsTo('f').nodes], weights: [tensor('w', 10, [LENGTH], { int32Data: values.map((_, index) => 0x3000 + index) })] }],
  ['large constants', { ...addsTo('c'), nodes: [node('Constant', [], ['c'], { value: floats('', [LENGTH], values) }), ...addsTo('c').nodes] }],
  ['large constants in float_data', { ...addsTo('c'), nodes: [node('Constant', [], ['c'], { value: tensor('', FLOAT, [LENGTH], { floatData: [...values] }) }), ...addsTo('c').nodes] }],
  ['a choice whose branches capture values and hold large weights', {
    nodes: [
      node('Relu', ['x'], ['outer']), node('ReduceSum', ['x'], ['sum'], { keepdims: 0 }), node('Less', ['sum', 'zero'], ['flag']),
      node('If', ['flag'], ['y'], { then_branch: branch(1), else_branch: branch(-1) }),
    ],
    weights: [floats('zero', [], [0])], inputs: [x], outputs: [y],
  }],
  ['functions of the model, with large constants', { nodes: [node('Shift', ['x'], ['y'], {}, 'mine')], inputs: [x], outputs: [y] }, { functions: [twice], opset: { '': 18, mine: 1 } }],
  ['functions that call each other, with attributes given, handed on and left to their default', { nodes: [
    node('Twice', ['x'], ['a'], { alpha: 0.25 }, 'mine'), node('Twice', ['a'], ['b'], {}, 'mine'), node('Same', ['b'], ['y'], {}, 'mine'),
  ], inputs: [x], outputs: [y] }, { functions: functions(), opset: { '': 18, mine: 1 } }],
  ['a function with a choice inside, called in a choice', {
    nodes: [
      node('Relu', ['x'], ['outer']), node('ReduceSum', ['x'], ['sum'], { keepdims: 0 }), node('Less', ['sum', 'zero'], ['flag']),
      node('If', ['flag'], ['c'], { then_branch: calling('t'), else_branch: calling('e') }), node('Choose', ['c', 'flag'], ['y'], {}, 'mine'),
    ],
    weights: [floats('zero', [], [0])], inputs: [x], outputs: [y],
  }, { functions: functions(), opset: { '': 18, mine: 1 } }],
  ['a function of another operator set, which stays a call', { nodes: [node('Old', ['x'], ['y'], {}, 'mine')], inputs: [x], outputs: [y] }, { functions: functions(), opset: { '': 18, mine: 1 } }],
  ['names in any script', { nodes: [node('Add', ['x', '重み/🧠'], ['y'])], weights: [floats('重み/🧠', [LENGTH], values)], inputs: [x], outputs: [y] }],
];

for (const [what, parts, options] of kinds) test(`${what}: the slim model is the file`, () => sameAsFile(write(model(parts, options))));

const external700 = (offset: number): ModelProto => model({ ...addsTo('w'), weights: [external('w', FLOAT, [LENGTH], { location: 'weights.bin', offset: String(offset), length: String(4 * LENGTH) })] });
const data = new Uint8Array(Float32Array.from([...values, ...values]).buffer);

function put(path: string, content: Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

test('weights beside the model, at an offset that is not aligned to a page', async () => {
  put(scratch.path('beside/weights.bin'), data);
  await sameAsFile(put(scratch.path('beside/model.onnx'), modelBytes(external700(132))));
});

/** Runs the whole as a slim model; the sum of weights and inputs in plain arithmetic is the truth. */
async function addsUp(path: string, offset: number): Promise<OnnxModel> {
  const opened = await OnnxModel.open(path);
  assert.deepEqual(opened.problems, []);
  const slim = writeSlim(opened, { nodes: opened.graph.nodes.map((one) => one.proto), inputs: [{ name: 'x', elemType: FLOAT }], outputs: [{ name: 'y', elemType: FLOAT }] });
  const y = (await runOnce(slim, feeds, ['y'])).get('y');
  const weights = new Float32Array(data.buffer, offset, LENGTH);
  const given = feeds.get('x');
  assert.ok(y && given);
  assert.equal(maxAbs(toFloat32(y), Float32Array.from(toFloat32(given), (value, index) => value + (weights[index] ?? 0))), 0);
  return opened;
}

test('weights in the Hugging Face cache, where model and data are links to a folder of blobs', async () => {
  put(scratch.path('cache/blobs/0a'), modelBytes(external700(128)));
  put(scratch.path('cache/blobs/1b'), data);
  const snapshot = scratch.path('cache/snapshots/main');
  mkdirSync(snapshot, { recursive: true });
  symlinkSync('../../blobs/0a', join(snapshot, 'model.onnx'));
  symlinkSync('../../blobs/1b', join(snapshot, 'weights.bin'));
  await (await addsUp(join(snapshot, 'model.onnx'), 128)).close();
});

test('a model that is a link, with its data in the folder of the link: hard links, which are gone afterwards', async () => {
  put(scratch.path('store/model.onnx'), modelBytes(external700(64)));
  put(scratch.path('work/weights.bin'), data);
  symlinkSync('../store/model.onnx', scratch.path('work/model.onnx'));
  const links = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('cogscope-links-'));
  const before = links();
  const opened = await addsUp(scratch.path('work/model.onnx'), 64);
  const made = links().filter((name) => !before.includes(name));
  assert.ok(made.length >= 1, 'there is a folder of hard links');
  await opened.close();
  assert.ok(made.some((name) => !existsSync(join(tmpdir(), name))), 'and it is gone');
});

test('a weight that cannot be read is refused by name, and parts that do not need it run', async () => {
  const parts = { nodes: [node('Relu', ['x'], ['a']), node('Add', ['a', 'w'], ['y'])], weights: [external('w', FLOAT, [LENGTH], { location: 'nowhere.bin' })], inputs: [x], outputs: [y] };
  const opened = await OnnxModel.open(write(model(parts)));
  const part = (count: number, output: string): SlimModel => writeSlim(opened, { nodes: opened.graph.nodes.slice(0, count).map((one) => one.proto), inputs: [{ name: 'x', elemType: FLOAT }], outputs: [{ name: output, elemType: FLOAT }] });
  assert.throws(() => part(2, 'y'), (error) => error instanceof CogscopeError && error.message.includes('The weight "w" cannot be read: the data file "nowhere.bin" is missing'));
  assert.equal((await runOnce(part(1, 'a'), feeds, ['a'])).size, 1);
  await opened.close();
});

test('a data file inside a subgraph must not leave the model\'s folder either', async () => {
  const leaving = external('inner.w', FLOAT, [LENGTH], { location: '../../secret.bin' });
  const inner = graph({ nodes: [node('Add', ['x', 'inner.w'], ['inner.y'])], weights: [leaving], outputs: [valueInfo('inner.y', FLOAT, ['n'])] });
  const opened = await OnnxModel.open(write(model({ nodes: [node('Cast', ['x'], ['flag'], { to: 9 }), node('If', ['flag'], ['y'], { then_branch: inner, else_branch: inner })], inputs: [x], outputs: [y] })));
  assert.match(opened.problems[0]?.reason ?? '', /outside the model's folder/);
  await opened.close();
});

test('a slim model of a large part is small', async () => {
  const { path } = fixtures[0] ?? { path: '' };
  const opened = await openFixture(path);
  const slim = writeSlim(opened.model, {
    nodes: opened.model.graph.nodes.map((one) => one.proto),
    inputs: opened.model.graph.inputs.map((value) => ({ name: value.name, elemType: INT64 })), outputs: [{ name: 'logits', elemType: FLOAT }],
  });
  assert.ok(slim.bytes.length < opened.model.bytes / 5, `${slim.bytes.length} of ${opened.model.bytes} bytes`);
  await opened.model.close();
});
