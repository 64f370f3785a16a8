/** Whatever the bytes, opening gives a model or one plain sentence: never another error, never a hang. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { ModelProtoSchema } from '../../../src/engine/onnx/proto/onnx_pb.js';
import type { ModelProto, TensorProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import { ModelSession } from '../../../src/engine/session.ts';
import { INT64, model, modelBytes } from '../../lib/protos.ts';
import { randomNumbers } from '../../lib/random.ts';
import { Scratch } from '../../lib/scratch.ts';
import { tinyAttention } from '../../lib/tinyAttention.ts';

const scratch = new Scratch();
const settings = { threads: 1, weightBudget: 1e9 };
const tiny = modelBytes(model(tinyAttention()));

/** Opens some bytes as the engine does; the error's sentence, or undefined where they opened. */
async function openingError(bytes: Uint8Array, where: string): Promise<string | undefined> {
  const path = scratch.write('model.onnx', bytes);
  try {
    const session = await ModelSession.open(path, null, settings);
    JSON.stringify(session.summary);
    await session.close();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof CogscopeError, `${where}: ${error instanceof Error ? error.stack : String(error)}`);
    assert.equal(error.code, 'unreadable', `${where}: ${error.message}`);
    assert.notEqual(error.data.todo, '', `${where}: "${error.message}" says what to do`);
    assert.equal(error.data.where, path, `${where}: "${error.message}" says where`);
    return error.message;
  }
}

test('the undamaged model opens', async () => {
  assert.equal(await openingError(tiny, 'as it is'), undefined);
});

test('cut short at any byte', async () => {
  let opened = 0;
  for (let length = 0; length < tiny.length; length++) {
    if (await openingError(tiny.subarray(0, length), `${length} bytes of ${tiny.length}`) === undefined) opened++;
  }
  // Only where the cut falls between two fields of the outermost message is what is left a message.
  assert.ok(opened <= 4, `${opened} of ${tiny.length} cuts opened`);
});

test('bits turned at any byte', async () => {
  const next = randomNumbers(1);
  for (let at = 0; at < tiny.length; at++) {
    const bytes = Uint8Array.from(tiny);
    bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(next() * 255));
    await openingError(bytes, `byte ${at} is ${bytes[at]}`);
  }
});

test('stretches moved, doubled, left out or overwritten', async () => {
  const next = randomNumbers(2);
  const below = (limit: number): number => Math.floor(next() * limit);
  for (let round = 0; round < 2000; round++) {
    const [from, to] = [below(tiny.length), below(tiny.length)];
    const length = below(64);
    const stretch = tiny.subarray(from, from + length);
    const rest = round % 4 === 0 ? to : round % 4 === 1 ? to + stretch.length : Math.min(tiny.length, to + below(64));
    const filler = round % 4 === 3 ? Uint8Array.from(stretch, () => below(256)) : stretch;
    await openingError(Buffer.concat([tiny.subarray(0, to), filler, tiny.subarray(rest)]), `round ${round}`);
  }
});

/** A fixture without the exporter's record, which is most of its bytes and says nothing to the reader. */
function bareFixture(name: string): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, readFileSync(join(import.meta.dirname, '../../fixtures/models', name, 'model.onnx')));
  for (const node of proto.graph?.node ?? []) node.metadataProps = [];
  if (proto.graph) proto.graph.valueInfo = [];
  return modelBytes(proto);
}

test('an exported model with random damage', async () => {
  const bytes = bareFixture('llama-sdpa-20');
  // Most of what is left are weights, whose bytes are never looked at: the graph stands at the front.
  const graphEnds = bytes.length / 4;
  const next = randomNumbers(3);
  for (let round = 0; round < 300; round++) {
    const damaged = Uint8Array.from(bytes);
    for (let count = 0; count < 3; count++) damaged[Math.floor(next() * graphEnds)] = Math.floor(next() * 256);
    await openingError(damaged, `round ${round}`);
  }
});

const extremes = [-(2n ** 63n), -1n, 0n, 1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n];

test('extreme numbers wherever the graph has numbers: attributes, sizes, elements of shape vectors', async () => {
  const fixture = bareFixture('gpt2-sdpa-20');
  const places = numbersOf(fromBinary(ModelProtoSchema, fixture));
  for (let index = 0; index < places.length; index++) {
    const proto = fromBinary(ModelProtoSchema, fixture);
    const place = numbersOf(proto)[index];
    assert.ok(place);
    const extreme = extremes[index % extremes.length] ?? 0n;
    place.set(extreme);
    await openingError(modelBytes(proto), `${place.name} is ${extreme}`);
  }
});

interface NumberPlace {
  readonly name: string;
  readonly set: (value: bigint) => void;
}

/** Every whole number of the graph, with a way to set it. */
function numbersOf(proto: ModelProto): readonly NumberPlace[] {
  const inArray = (name: string, array: bigint[]): NumberPlace[] => array.map((_, index) => ({ name: `${name}[${index}]`, set: (value) => (array[index] = value) }));
  const { node = [], initializer = [], input = [] } = proto.graph ?? {};
  return [
    ...node.flatMap(({ name, attribute }) => attribute.flatMap((one) => [...inArray(`${name}.${one.name}`, one.ints), { name: `${name}.${one.name}`, set: (value: bigint): void => void (one.i = value) }])),
    ...initializer.flatMap((weight) => [
      ...inArray(`dims of ${weight.name}`, weight.dims),
      { name: `type of ${weight.name}`, set: (value: bigint): void => void (weight.dataType = Number(BigInt.asIntN(32, value))) },
      ...(weight.dataType === INT64 ? elements(weight) : []),
    ]),
    ...input.flatMap(({ name, type }) => (type?.value.case === 'tensorType' ? type.value.value.shape?.dim ?? [] : []).map((dim, axis): NumberPlace => ({
      name: `axis ${axis} of ${name}`, set: (value) => (dim.value = { case: 'dimValue', value }),
    }))),
  ];
}

function elements(weight: TensorProto): readonly NumberPlace[] {
  const raw = weight.rawData;
  return Array.from({ length: raw.length / 8 }, (_, index) => ({
    name: `element ${index} of ${weight.name}`,
    set: (value) => new DataView(raw.buffer, raw.byteOffset).setBigInt64(index * 8, value, true),
  }));
}
