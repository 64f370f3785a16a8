/** Ifs of which one branch is shown: it computes what the untouched file computes where the file takes that branch. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import { readAnatomy } from '../../src/engine/anatomy/read.ts';
import { inferTypes } from '../../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../../src/engine/onnx/model.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { makeTensor, toFloat32 } from '../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { chainShape } from '../../src/engine/program/chain.ts';
import { prepareInputs } from '../../src/engine/program/inputs.ts';
import { Program } from '../../src/engine/program/program.ts';
import { mergedDecoder } from '../lib/mergedDecoder.ts';
import { BOOL, FLOAT, floats, graph, INT64, integers, model, modelBytes, node, valueInfo } from '../lib/protos.ts';
import type { GraphParts } from '../lib/protos.ts';
import { randomValues } from '../lib/random.ts';
import { Scratch } from '../lib/scratch.ts';
import { maxAbs } from './fixtures.ts';

const scratch = new Scratch();
let files = 0;
const write = (parts: GraphParts): string => scratch.write(`${files++}.onnx`, modelBytes(model(parts)));

/** All outputs of the file, run by its path. */
async function untouched(path: string, feeds: ReadonlyMap<string, Tensor>, outputs: readonly string[]): Promise<readonly Float32Array[]> {
  const session = await OrtSession.create({ path }, { optimization: 'basic', threads: 1 });
  const made = await session.run(feeds, outputs);
  await session.release();
  return outputs.map((name) => toFloat32(made.get(name) as Tensor));
}

/** The same outputs from the chain of what was read. */
async function chained(read: OnnxModel, feeds: ReadonlyMap<string, Tensor>): Promise<readonly Float32Array[]> {
  const types = inferTypes(read);
  const program = new Program(read, types, { ...chainShape(read, types, readAnatomy(read, types)), taps: read.graph.outputs }, { threads: 1, level: 'basic', weightBudget: 1e9 });
  const inputs = new Map(read.graph.inputs.flatMap((input) => (feeds.has(input.name) ? [[input, feeds.get(input.name) as Tensor] as const] : [])));
  const { taps } = await program.run({ inputs, taps: read.graph.outputs });
  await program.release();
  return read.graph.outputs.map((output) => toFloat32(taps.get(output) as Tensor));
}

for (const whenPast of [true, false]) {
  for (const withPast of [true, false]) {
    test(`a merged decoder, ${withPast ? 'with' : 'without'} a past, where the switch is ${String(whenPast)} for the branch with one`, async () => {
      const path = write(mergedDecoder(whenPast));
      const read = await OnnxModel.open(path, { withPast });
      assert.equal(read.cacheSwitch?.value, whenPast === withPast);
      const past = (seed: number): Tensor => makeTensor(FLOAT, [1, 2, 3, 2], randomValues(seed, 12));
      const feeds = new Map([
        ['input_ids', makeTensor(INT64, [1, 2], [5, 90])], ['past.key', past(21)], ['past.value', past(22)], ['use_cache', makeTensor(BOOL, [1], [whenPast === withPast ? 1 : 0])],
      ]);
      const truth = await untouched(path, feeds, read.graph.outputs.map((output) => output.name));
      const shown = await chained(read, feeds);
      for (const [index, expected] of truth.entries()) assert.equal(maxAbs(shown[index] ?? [], expected), 0, read.graph.outputs[index]?.name);
      await read.close();
    });
  }

  test(`a merged decoder is run without a past, and the file with what was filled gives the same (switch ${String(whenPast)})`, async () => {
    const path = write(mergedDecoder(whenPast));
    const read = await OnnxModel.open(path);
    const types = inferTypes(read);
    const anatomy = readAnatomy(read, types);
    const { roles, towers } = anatomy;
    assert.equal(towers[0]?.blocks.length, 1, 'its layer is found');
    assert.deepEqual(read.graph.inputs.map((input) => roles.get(input)), ['ids', 'past', 'past', 'cache']);
    const { tensors, filled } = prepareInputs(read, types, anatomy, new Map([['', [7, 8, 9]]]), {});
    const feeds = new Map([...tensors].map(([input, tensor]) => [input.name, tensor]));
    assert.deepEqual(filled.map(({ name, filledWith }) => `${name}: ${filledWith}`), ['past.key: empty', 'past.value: empty', 'use_cache: no past']);
    const [truth] = await untouched(path, feeds, ['logits']);
    const [shown] = await chained(read, feeds);
    assert.equal(maxAbs(shown ?? [], truth ?? []), 0);
    const given = { use_cache: [whenPast ? 1 : 0] };
    assert.throws(() => prepareInputs(read, types, anatomy, new Map([['', [7]]]), given), (error) => error instanceof CogscopeError && error.code === 'usage' && error.message.includes('use_cache'));
    await read.close();
  });
}

/** x + 1 where there are as many rows as the condition says, else x + 2; the branches make the same names and capture x. */
function conditional(condition: readonly ReturnType<typeof node>[], x: string, out: string): GraphParts['nodes'] {
  const branch = (added: number, name: string): ReturnType<typeof graph> => graph({
    nodes: [node('Add', [x, 'added'], [name])], weights: [floats('added', [1], [added])], outputs: [valueInfo(name, FLOAT, ['rows'])],
  });
  return [...condition, node('If', [condition.at(-1)?.output[0] ?? ''], [out], { then_branch: branch(1, 'sum'), else_branch: branch(2, 'sum') })];
}

const scalar = integers('zero', [], [0]);

const cases: readonly (readonly [name: string, condition: readonly ReturnType<typeof node>[], ifs: number])[] = [
  ['a length is itself', [
    node('Shape', ['x'], ['shape']), node('Gather', ['shape', 'zero'], ['rows']), node('Identity', ['x'], ['same']), node('Shape', ['same'], ['shape2']),
    node('Gather', ['shape2', 'zero'], ['rows2']), node('Equal', ['rows', 'rows2'], ['equal']), node('Not', ['equal'], ['differs']), node('Cast', ['differs'], ['condition'], { to: BOOL }),
  ], 0],
  ['a number is below another', [node('Less', ['zero', 'three'], ['condition'])], 0],
  ['half of three, as a float, and the same again make three', [
    node('Cast', ['three'], ['float'], { to: FLOAT }), node('Cast', ['two'], ['by'], { to: FLOAT }), node('Div', ['float', 'by'], ['half']), node('Mul', ['half', 'by'], ['again3']),
    node('Cast', ['again3'], ['whole'], { to: INT64 }), node('Equal', ['whole', 'three'], ['condition']),
  ], 2],
  ['a length is three, which is told by the run', [node('Shape', ['x'], ['shape']), node('Gather', ['shape', 'zero'], ['rows']), node('Equal', ['rows', 'three'], ['condition'])], 2],
];

for (const [name, condition, ifs] of cases) {
  test(`two Ifs whose condition asks whether ${name}: ${ifs === 0 ? 'decided when the file is read' : 'left to the run'}`, async () => {
    const path = write({
      nodes: [...conditional(condition, 'x', 'once'), ...conditional([node('Identity', ['condition'], ['again'])], 'once', 'twice'), node('Identity', ['twice'], ['y'])],
      weights: [scalar, integers('two', [], [2]), integers('three', [], [3])],
      inputs: [valueInfo('x', FLOAT, ['rows'])], outputs: [valueInfo('y', FLOAT, ['rows'])],
    });
    const read = await OnnxModel.open(path);
    assert.equal(read.graph.nodes.filter((one) => one.op === 'If').length, ifs);
    for (const rows of [2, 3]) {
      const feeds = new Map([['x', makeTensor(FLOAT, [rows], randomValues(rows, rows))]]);
      const [truth] = await untouched(path, feeds, ['y']);
      const [shown] = await chained(read, feeds);
      assert.equal(maxAbs(shown ?? [], truth ?? []), 0, `${rows} rows`);
    }
    await read.close();
  });
}
