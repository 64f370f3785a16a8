/** One fused operator as a model of its own: run as it is by ONNX Runtime, and written out in plain operators. */
import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { ValueInfoProtoSchema } from '../../../src/engine/onnx/proto/onnx_pb.js';
import type { ValueInfoProto } from '../../../src/engine/onnx/proto/onnx_pb.js';
import type { Value } from '../../../src/engine/onnx/graph.ts';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import { inferTypes } from '../../../src/engine/onnx/infer/infer.ts';
import { elementTypeName } from '../../../src/engine/onnx/elementType.ts';
import { writeSlim } from '../../../src/engine/onnx/slim.ts';
import type { TypedName } from '../../../src/engine/onnx/slim.ts';
import { OrtSession } from '../../../src/engine/ort/session.ts';
import { makeTensor, toFloat32 } from '../../../src/engine/ort/tensor.ts';
import type { Tensor } from '../../../src/engine/ort/tensor.ts';
import { FLOAT, INT64, model, modelBytes, node, valueInfo } from '../../lib/protos.ts';
import { randomNumbers } from '../../lib/random.ts';
import type { Scratch } from '../../lib/scratch.ts';
import { maxAbs } from '../fixtures.ts';

/** Sizes of named axes. */
export const sizes: Readonly<Record<string, number>> = { batch: 2, seq: 5, past: 3, total: 8, other: 7, rows: 16, lengths: 2, two: 4, packed: 8 };

export interface Feed {
  readonly elemType: number;
  readonly shape: readonly (number | string)[];
  readonly values: readonly number[];
}

export interface FusedCase {
  readonly what: string;
  readonly op: string;
  readonly domain: string;
  readonly attributes?: Parameters<typeof node>[3];
  readonly inputs: readonly (Feed | undefined)[];
  /** Which outputs are asked for. */
  readonly outputs?: readonly number[];
  /** Those that are compared; without it all of them. */
  readonly compared?: readonly number[];
  readonly opset?: number;
  /** Rows of the batch of which only the first so many positions mean anything. */
  readonly meaningful?: readonly number[];
}

const dimsOf = (shape: readonly (number | string)[]): readonly number[] => shape.map((dim) => (typeof dim === 'number' ? dim : sizes[dim] ?? NaN));
const count = (shape: readonly (number | string)[]): number => dimsOf(shape).reduce((product, dim) => product * dim, 1);

let seed = 1;

/** Random floats, evenly spread over ±`spread`. */
export function floatsOf(shape: readonly (number | string)[], spread = 1, elemType = FLOAT): Feed {
  const next = randomNumbers(seed++);
  return { elemType, shape, values: Array.from({ length: count(shape) }, () => (next() * 2 - 1) * spread) };
}

/** Random whole numbers from 0 to below `limit`. */
export function wholesOf(shape: readonly (number | string)[], limit: number, elemType = INT64): Feed {
  const next = randomNumbers(seed++);
  return { elemType, shape, values: Array.from({ length: count(shape) }, () => Math.floor(next() * limit)) };
}

export const given = (shape: readonly (number | string)[], values: readonly number[], elemType = INT64): Feed => ({ elemType, shape, values });

/** Writes the model and opens it. The caller closes it. */
export async function openCase(one: FusedCase, scratch: Scratch): Promise<OnnxModel> {
  const wanted = one.outputs ?? [0];
  const outputs = Array.from({ length: Math.max(...wanted) + 1 }, (_, index) => (wanted.includes(index) ? `y${index}` : ''));
  const inputs = one.inputs.flatMap((feed, index) => (feed ? [valueInfo(`x${index}`, feed.elemType, feed.shape)] : []));
  const proto = model({
    nodes: [node(one.op, one.inputs.map((feed, index) => (feed ? `x${index}` : '')), outputs, one.attributes ?? {}, one.domain)],
    inputs,
    outputs: outputs.filter((name) => name !== '').map((name) => untyped(name, one)),
  }, { opset: { '': one.opset ?? 18, 'com.microsoft': 1 } });
  return OnnxModel.open(scratch.write('fused.onnx', modelBytes(proto)));
}

/** Nothing is said about the types of outputs, since they are ours to infer; but ONNX Runtime asks for that of the scores. */
function untyped(name: string, { inputs }: FusedCase): ValueInfoProto {
  if (name !== 'y3') return create(ValueInfoProtoSchema, { name });
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: { elemType: inputs[0]?.elemType ?? FLOAT } } } });
}

/** Fails where the written-out form is not the fused operator, or its shapes are not as inferred. */
export async function provedEqual(one: FusedCase, scratch: Scratch, tolerance: number): Promise<void> {
  const opened = await openCase(one, scratch);
  try {
    const fused = await run({ path: opened.realPath }, feedsOf(one), opened.graph.outputs.map((value) => value.name));
    const plain = await runWrittenOut(opened, one);
    const types = inferTypes(opened);
    for (const value of opened.graph.outputs) {
      if (one.compared && !one.compared.some((index) => value.name === `y${index}`)) continue;
      const [expected, actual] = [fused.get(value.name), plain.get(value.name)];
      assert.ok(expected && actual, value.name);
      assert.deepEqual(actual.dims, expected.dims, `axes of ${value.name}`);
      const { elemType, shape } = types.of(value);
      assert.equal(elementTypeName(elemType), actual.type, `inferred type of ${value.name}`);
      assert.equal(shape?.length, actual.dims.length, `inferred axes of ${value.name}`);
      const worst = maxAbs(meant(actual, one), meant(expected, one));
      assert.ok(worst <= tolerance, `${value.name} differs by ${worst}`);
    }
  } finally {
    await opened.close();
  }
}

/** The first output of the written-out form. */
export async function runPlain(one: FusedCase, scratch: Scratch): Promise<Tensor | undefined> {
  const opened = await openCase(one, scratch);
  const outputs = await runWrittenOut(opened, one);
  await opened.close();
  return outputs.get('y0');
}

function runWrittenOut(opened: OnnxModel, one: FusedCase): Promise<ReadonlyMap<string, Tensor>> {
  assert.deepEqual([...opened.decomposed.left.values()], [], 'it is written out');
  assert.ok(opened.graph.nodes.every(({ op, domain }) => domain === '' && (op !== one.op || one.domain !== '')), 'nothing fused is left');
  const types = inferTypes(opened);
  const typed = (value: Value): TypedName => ({ name: value.name, elemType: types.of(value).elemType });
  const slim = writeSlim(opened, { nodes: opened.graph.nodes.map((part) => part.proto), inputs: opened.graph.inputs.map(typed), outputs: opened.graph.outputs.map(typed) });
  return run(slim, feedsOf(one), opened.graph.outputs.map((value) => value.name));
}

const feedsOf = (one: FusedCase): ReadonlyMap<string, Tensor> =>
  new Map(one.inputs.flatMap((feed, index) => (feed ? [[`x${index}`, makeTensor(feed.elemType, dimsOf(feed.shape), feed.values)] as const] : [])));

/** Without the rows of padding, [batch, pos, …]. */
function meant(tensor: Tensor, { meaningful }: FusedCase): Float32Array {
  const data = toFloat32(tensor);
  if (!meaningful || tensor.dims.length !== 3) return data;
  const row = (tensor.dims[1] ?? 0) * (tensor.dims[2] ?? 0);
  return Float32Array.from(meaningful.flatMap((length, index) => [...data.subarray(index * row, index * row + length * (tensor.dims[2] ?? 0))]));
}

async function run(source: Parameters<typeof OrtSession.create>[0], feeds: ReadonlyMap<string, Tensor>, names: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
  const session = await OrtSession.create(source, { optimization: 'basic', threads: 1 });
  try {
    return await session.run(feeds, names);
  } finally {
    await session.release();
  }
}
