/** The skeleton is the file without its large payloads, and nothing of those is read. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { create, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { GraphProtoSchema, ModelProtoSchema, NodeProtoSchema } from '../../../src/engine/onnx/proto/onnx_pb.js';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { tensorsOfNode } from '../../../src/engine/onnx/innerTensors.ts';
import { INLINE_BYTES, PAYLOAD_KEY, RECORD_KEY, readSkeleton } from '../../../src/engine/onnx/skeleton.ts';
import type { Skeleton } from '../../../src/engine/onnx/skeleton.ts';
import { Counting, Memory } from '../../lib/byteSources.ts';
import { FLOAT, floats, graph, model, modelBytes, node, tensor } from '../../lib/protos.ts';
import { randomValues } from '../../lib/random.ts';
import { tinyAttention } from '../../lib/tinyAttention.ts';

const models = join(import.meta.dirname, '../../fixtures/models');
/** What may be read of a payload along with the tag before it (wire.ts). */
const WINDOW = 4096;

const tensorsOf = ({ graph: main }: ModelProto): readonly TensorProto[] => [...main?.initializer ?? [], ...(main?.node ?? []).flatMap(tensorsOfNode)];

/** The decoded skeleton with its raw payloads and its nodes' metadata put back from the file. */
function putBack({ bytes, payloads, records }: Skeleton, file: Uint8Array): ModelProto {
  const proto = fromBinary(ModelProtoSchema, bytes);
  for (const one of tensorsOf(proto)) {
    const mark = one.externalData.find((entry) => entry.key === PAYLOAD_KEY);
    const payload = mark && payloads[Number(mark.value)];
    if (!payload) continue;
    assert.equal(payload.field, 9, 'the fixtures have raw data');
    const [{ offset, length } = { offset: 0, length: 0 }] = payload.segments;
    one.rawData = file.subarray(offset, offset + length);
    one.externalData = one.externalData.filter((entry) => entry !== mark);
  }
  for (const one of proto.graph?.node ?? []) {
    const mark = one.metadataProps.find((entry) => entry.key === RECORD_KEY);
    const place = mark && records[Number(mark.value)];
    if (place) one.metadataProps = fromBinary(NodeProtoSchema, file.subarray(place.start, place.end)).metadataProps;
  }
  return proto;
}

for (const name of readdirSync(models)) {
  test(`${name}: with its payloads put back, the skeleton is the file`, () => {
    const file = readFileSync(join(models, name, 'model.onnx'));
    const skeleton = readSkeleton(new Memory(file));
    const largest = Math.max(...tensorsOf(fromBinary(ModelProtoSchema, skeleton.bytes)).map((one) => one.rawData.length));
    assert.ok(largest <= INLINE_BYTES, `${largest} bytes of a weight are in the skeleton`);
    assert.ok(equals(ModelProtoSchema, putBack(skeleton, file), fromBinary(ModelProtoSchema, file)));
  });
}

test('large values of constants, and of weights inside subgraphs, are left out like those of the graph', () => {
  const large = (name: string): TensorProto => floats(name, [512], randomValues(1, 512));
  const branch = (): GraphProto => graph({ nodes: [node('Constant', [], ['c'], { value: large('') }), node('Add', ['c', 'w'], ['y'])], weights: [large('w')], outputs: [] });
  const proto = model({ nodes: [node('Constant', [], ['k'], { value: large('') }), node('If', ['k'], ['y'], { then_branch: branch(), else_branch: branch() })], outputs: [] });
  const bytes = modelBytes(proto);
  const skeleton = readSkeleton(new Memory(bytes));
  assert.equal(skeleton.payloads.length, 5);
  assert.ok(skeleton.bytes.length < 1024, `the skeleton has ${skeleton.bytes.length} bytes`);
  assert.ok(equals(ModelProtoSchema, putBack(skeleton, bytes), proto));
});

test('of a large weight no more is read than the window that its tag stands in', () => {
  const elements = 1 << 18;
  const bytes = modelBytes(model({ ...tinyAttention(), weights: [floats('large', [elements], randomValues(1, elements)), ...tinyAttention().weights ?? []] }));
  const source = new Counting(new Memory(bytes));
  const [payload] = readSkeleton(source).payloads;
  const [{ offset, length } = { offset: 0, length: 0 }] = payload?.segments ?? [];
  assert.equal(length, elements * 4);
  const read = source.readWithin(offset, offset + length);
  assert.ok(read <= WINDOW, `${read} bytes of the weight were read`);
});

test('fields that the schema does not know are kept', () => {
  const writer = new BinaryWriter();
  writer.raw(modelBytes(model({ nodes: [node('Relu', ['x'], ['y'])], weights: [floats('w', [1024], randomValues(1, 1024))], outputs: [] })));
  writer.tag(1000, WireType.LengthDelimited).string('from the future').tag(1001, WireType.Varint).int64(-1n).tag(1002, WireType.Bit64).double(0.5);
  const proto = fromBinary(ModelProtoSchema, readSkeleton(new Memory(writer.finish())).bytes);
  assert.deepEqual(proto.$unknown?.map((field) => field.no), [1000, 1001, 1002]);
});

test('names in any script, and names that are no proper UTF-8, do not keep a model from being walked', () => {
  const names = ['ñandú', '层.0', '🧠/重み', 'a\u0000b', '\ufeffx', 'e\u0301'];
  const proto = model({ nodes: names.map((name) => node('Relu', [name], [`${name}.y`])), weights: names.map((name) => floats(name, [512], randomValues(1, 512))), outputs: [] });
  const bytes = modelBytes(proto);
  assert.ok(equals(ModelProtoSchema, putBack(readSkeleton(new Memory(bytes)), bytes), proto));
  const broken = Uint8Array.from(bytes);
  broken[bytes.lastIndexOf(0xf0)] = 0xff;
  assert.equal(readSkeleton(new Memory(broken)).payloads.length, names.length);
});

test('a typed field with a tag for each element is one payload', () => {
  const elements = 3000;
  const weight = new BinaryWriter();
  weight.tag(1, WireType.Varint).int64(BigInt(elements)).tag(2, WireType.Varint).int32(FLOAT);
  for (let index = 0; index < elements; index++) weight.tag(4, WireType.Bit32).float(index);
  const main = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(weight.finish()).finish();
  const bytes = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(main).finish();
  const { payloads, bytes: skeleton } = readSkeleton(new Memory(bytes));
  assert.equal(payloads.length, 1);
  assert.equal(payloads[0]?.segments.length, elements);
  assert.ok(skeleton.length < 100);
});

test('sixty thousand weights', () => {
  const one = floats('w', [300], new Array<number>(300).fill(1));
  const parts = { nodes: [], weights: new Array<TensorProto>(60_000).fill(one), outputs: [] };
  assert.equal(readSkeleton(new Memory(modelBytes(model(parts)))).payloads.length, 60_000);
});

test('subgraphs inside subgraphs: a few are read, two hundred are refused in a sentence', () => {
  let inner: NodeProto = node('Relu', ['x'], ['y']);
  const nested: NodeProto[] = [inner];
  for (let depth = 1; depth <= 200; depth++) nested.push(inner = node('If', ['x'], ['y'], { then_branch: graph({ nodes: [inner], outputs: [] }) }));
  const read = (depth: number): Skeleton => readSkeleton(new Memory(modelBytes(model({ nodes: [nested[depth] as NodeProto], outputs: [] }))));
  assert.ok(read(12).bytes.length > 0);
  assert.throws(() => read(200), (error) => error instanceof CogscopeError && /nests graphs more than/.test(error.message));
});

test('a file that is mostly something else than weights is refused before it is read into memory', () => {
  const gigabyte = 2 ** 30;
  const head = new BinaryWriter().tag(14, WireType.LengthDelimited).uint32(gigabyte).finish();
  const source = {
    size: head.length + gigabyte,
    read: (offset: number, length: number): Uint8Array => {
      assert.ok(length <= WINDOW, `${length} bytes at ${offset} were read`);
      return Uint8Array.from({ length }, (_, index) => head[offset + index] ?? 0);
    },
  };
  assert.throws(() => readSkeleton(source), (error) => error instanceof CogscopeError && /besides its weights/.test(error.message));
});

test('the message of a graph may come in several parts, as protobuf allows', () => {
  const part = (...nodes: readonly NodeProto[]): Uint8Array => toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: create(GraphProtoSchema, { node: [...nodes], initializer: [tensor('w', FLOAT, [400], { rawData: new Uint8Array(1600) })] }) }));
  const bytes = Buffer.concat([part(node('Relu', ['x'], ['y'])), part(node('Relu', ['y'], ['z']))]);
  const proto = fromBinary(ModelProtoSchema, readSkeleton(new Memory(bytes)).bytes);
  assert.deepEqual(proto.graph?.node.map((one) => one.output[0]), ['y', 'z']);
  assert.deepEqual(proto.graph.initializer.map((one) => one.externalData[0]?.value), ['0', '1']);
});
