/** What is said of every tensor's type and shape without running is what a run finds. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Dim } from '../../src/engine/onnx/infer/dim.ts';
import { ModelProtoSchema, ValueInfoProtoSchema } from '../../src/engine/onnx/proto/onnx_pb.js';
import { elementTypeName } from '../../src/engine/onnx/elementType.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { fixtures, goldenInputs, openFixture } from './fixtures.ts';

const BATCH = 2;
const LENGTH = 11;

for (const { name, path, meta } of fixtures) {
  test(`${name}: types, shapes and shape vectors as ONNX Runtime computes them`, async () => {
    const opened = await openFixture(path);
    const proto = fromBinary(ModelProtoSchema, readFileSync(path));
    const made = opened.model.graph.values.filter((value) => value.producer && value.outputIndex < 0);
    proto.graph?.output.push(...made.map((value) => create(ValueInfoProtoSchema, { name: value.name })));
    const session = await OrtSession.create({ bytes: toBinary(ModelProtoSchema, proto), folder: '/' }, { optimization: 'disabled', threads: 1 });
    const inputs = new Map([...goldenInputs(opened, meta.style)].map(([value, tensor]) => [value.name, tensor]));
    const outputs = await session.run(inputs, made.map((value) => value.name));
    await session.release();

    const sizeOf = (dim: Dim): number => dim.symbols.reduce((product, symbol) => product * (symbol === 'batch' ? BATCH : LENGTH), dim.coefficient);
    let known = 0;
    for (const value of made) {
      const actual = outputs.get(value.name);
      assert.ok(actual, value.name);
      const { elemType, shape, content } = opened.types.of(value);
      assert.equal(elementTypeName(elemType), actual.type, `type of ${value.name}, by ${value.producer?.op}`);
      assert.equal(shape?.length, actual.dims.length, `rank of ${value.name}, by ${value.producer?.op}`);
      shape?.forEach((dim, axis) => {
        if (dim) assert.equal(sizeOf(dim), actual.dims[axis], `axis ${axis} of ${value.name}, by ${value.producer?.op}`);
      });
      if (shape?.every((dim) => dim !== undefined)) known++;
      content?.forEach((element, index) => {
        if (element) assert.equal(sizeOf(element), Number(actual.data[index]), `element ${index} of ${value.name}, by ${value.producer?.op}`);
      });
    }
    assert.ok(known / made.length > 0.95, `${known} of ${made.length} shapes are known whole`);
    await opened.model.close();
  });
}
