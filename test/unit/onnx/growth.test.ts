/** Graphs that grow at every node do not make inference grow with them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inferTypes, MAX_CONTENT, MAX_RANK } from '../../../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import type { NodeProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { FLOAT, INT64, integers, model, modelBytes, node, valueInfo } from '../../lib/protos.ts';
import { Scratch } from '../../lib/scratch.ts';

const scratch = new Scratch();
const STEPS = 80;

const cases: readonly (readonly [what: string, first: NodeProto, step: (from: string, to: string) => NodeProto])[] = [
  ['shape vectors that double', node('Shape', ['x'], ['t0']), (from, to) => node('Concat', [from, from], [to], { axis: 0 })],
  ['sizes that are squared', node('Size', ['x'], ['t0']), (from, to) => node('Mul', [from, from], [to])],
  ['numbers that are squared', node('Identity', ['large'], ['t0']), (from, to) => node('Mul', [from, from], [to])],
  ['ranks that double', node('Identity', ['ids'], ['t0']), (from, to) => node('Gather', [from, from], [to])],
  ['axes that are added', node('Identity', ['ids'], ['t0']), (from, to) => node('Unsqueeze', [from, 'zero'], [to])],
  ['tensors as long as a huge vector', node('ConstantOfShape', ['large'], ['t0']), (from, to) => node('Reshape', ['x', from], [to])],
];

for (const [what, first, step] of cases) {
  test(what, async () => {
    const nodes = [first, ...Array.from({ length: STEPS }, (_, index) => step(`t${index}`, `t${index + 1}`))];
    const parts = {
      nodes, weights: [integers('large', [1], [2 ** 40]), integers('zero', [1], [0])],
      inputs: [valueInfo('x', FLOAT, ['a', 'b', 'c']), valueInfo('ids', INT64, ['a', 'b'])], outputs: [valueInfo(`t${STEPS}`, INT64, [])],
    };
    const opened = await OnnxModel.open(scratch.write('model.onnx', modelBytes(model(parts))));
    const types = inferTypes(opened);
    for (const value of opened.graph.values) {
      const { shape, content } = types.of(value);
      assert.ok((shape?.length ?? 0) <= MAX_RANK && (content?.length ?? 0) <= MAX_CONTENT, `${value.name} has ${shape?.length} axes and ${content?.length} elements`);
      for (const dim of [...shape ?? [], ...content ?? []]) assert.ok((dim?.symbols.length ?? 0) <= 16, `${value.name} has a size of ${dim?.symbols.length} names`);
    }
    await opened.close();
  });
}

test('a shape vector that is declared with a thousand million elements', async () => {
  const parts = { nodes: [node('Reshape', ['x', 'shape'], ['y'])], inputs: [valueInfo('x', FLOAT, ['n']), valueInfo('shape', INT64, [1e9])], outputs: [valueInfo('y', FLOAT, [])] };
  const opened = await OnnxModel.open(scratch.write('model.onnx', modelBytes(model(parts))));
  const [output] = opened.graph.outputs;
  assert.ok(output);
  assert.ok((inferTypes(opened).of(output).shape?.length ?? 0) <= MAX_RANK);
  await opened.close();
});
