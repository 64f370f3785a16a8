/** The number of rows that a file fixes is opened only where each row is provably computed alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import { inferTypes } from '../../../src/engine/onnx/infer/infer.ts';
import type { NodeProto, TensorProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, floats, integers, model, modelBytes, node, valueInfo } from '../../lib/protos.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();

/** How many rows a file of [rows, 3, 4] is opened from, and its output's shape then. */
async function freed(rows: number, nodes: readonly NodeProto[], weights: readonly TensorProto[], output: readonly number[]): Promise<{ readonly rows: number | null; readonly shape: string }> {
  const opened = await OnnxModel.open(scratch.write('model.onnx', modelBytes(model({ nodes, weights, inputs: [valueInfo('x', FLOAT, [rows, 3, 4])], outputs: [valueInfo('y', FLOAT, output)] }))));
  const [made] = opened.graph.outputs;
  const shape = (made && inferTypes(opened).of(made).shape) ?? [];
  await opened.close();
  return { rows: opened.freedRows, shape: shape.map((dim) => (dim ? [...(dim.coefficient === 1 && dim.symbols.length > 0 ? [] : [dim.coefficient]), ...dim.symbols].join('*') : '?')).join() };
}

const count = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

for (const rows of [1, 2, 5]) {
  test(`${rows} rows: heads split and joined, with rows and heads in one axis between, take any number`, async () => {
    const nodes = [
      node('Reshape', ['x', 'split'], ['a']), node('Transpose', ['a'], ['b'], { perm: [0, 2, 1, 3] }), node('Reshape', ['b', 'merge'], ['c']), node('Transpose', ['c'], ['d'], { perm: [0, 2, 1] }),
      node('MatMul', ['c', 'd'], ['e']), node('Softmax', ['e'], ['p'], { axis: -1 }), node('MatMul', ['p', 'c'], ['z']), node('Reshape', ['z', 'apart'], ['f']),
      node('Transpose', ['f'], ['g'], { perm: [0, 2, 1, 3] }), node('Reshape', ['g', 'join'], ['h']), node('Gemm', ['h', 'w', 'bias'], ['i']), node('Reshape', ['i', 'back'], ['y']),
    ];
    const weights = [
      integers('split', [4], [rows, 3, 2, 2]), integers('merge', [3], [rows * 2, 3, 2]), integers('apart', [4], [rows, 2, 3, 2]), integers('join', [2], [rows * 3, 4]), integers('back', [3], [rows, 3, 4]),
      floats('w', [4, 4], count(16)), floats('bias', [4], count(4)),
    ];
    assert.deepEqual(await freed(rows, nodes, weights, [rows, 3, 4]), { rows, shape: 'batch,3,4' });
  });
}

test('a constant with the same for each row is one row; with another for each row the file stays as it is', async () => {
  const add = [node('Add', ['x', 'positions'], ['y'])];
  const same = count(12);
  assert.deepEqual(await freed(2, add, [floats('positions', [2, 3, 4], [...same, ...same])], [2, 3, 4]), { rows: 2, shape: 'batch,3,4' });
  assert.deepEqual(await freed(2, add, [floats('positions', [2, 3, 4], count(24))], [2, 3, 4]), { rows: null, shape: '2,3,4' });
});

const mixing: readonly (readonly [string, readonly NodeProto[], readonly TensorProto[], readonly number[]])[] = [
  ['a mean over the rows', [node('ReduceMean', ['x', 'axes'], ['m'], { keepdims: 1 }), node('Sub', ['x', 'm'], ['y'])], [integers('axes', [1], [0])], [2, 3, 4]],
  ['a softmax over the rows', [node('Softmax', ['x'], ['y'], { axis: 0 })], [], [2, 3, 4]],
  ['rows laid behind positions and merged with them', [node('Transpose', ['x'], ['a'], { perm: [1, 0, 2] }), node('Reshape', ['a', 'flat'], ['y'])], [integers('flat', [2], [6, 4])], [6, 4]],
  ['a product across rows', [node('Transpose', ['x'], ['a'], { perm: [1, 0, 2] }), node('Transpose', ['x'], ['b'], { perm: [1, 2, 0] }), node('MatMul', ['a', 'b'], ['y'])], [], [3, 2, 2]],
  ['rows put behind each other', [node('Concat', ['x', 'x'], ['y'], { axis: 0 })], [], [4, 3, 4]],
  ['one row taken for all', [node('Slice', ['x', 'zero', 'one', 'zero'], ['first']), node('Add', ['x', 'first'], ['y'])], [integers('zero', [1], [0]), integers('one', [1], [1])], [2, 3, 4]],
  ['one scale for all rows', [node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']), node('DequantizeLinear', ['q', 's', 'z'], ['y'])], [], [2, 3, 4]],
  ['a sum over rows in the middle of a reshape', [node('Reshape', ['x', 'pairs'], ['a']), node('ReduceMean', ['a', 'axes'], ['y'], { keepdims: 0 })], [integers('pairs', [3], [1, 6, 4]), integers('axes', [1], [1])], [1, 4]],
];

for (const [what, nodes, weights, output] of mixing) {
  test(`${what}: the file stays as it is`, async () => {
    assert.equal((await freed(2, nodes, weights, output)).rows, null);
  });
}
