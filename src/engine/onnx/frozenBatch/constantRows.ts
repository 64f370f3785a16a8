/** Constants in which an exporter wrote the same once for every row. */
import { create } from '@bufbuild/protobuf';
import { intAttribute } from '../attributes.ts';
import { INT64, tensorBytes } from '../elementType.ts';
import type { GraphNode, Weight } from '../graph.ts';
import { TensorProtoSchema } from '../proto/onnx_pb.js';
import type { TensorProto } from '../proto/onnx_pb.js';

/** Constants that are compared: beyond this they are left alone, since opening a model must not depend on its size. */
const MAX_BYTES = 1 << 22;

export type ReadBytes = (weight: Weight) => Uint8Array | undefined;

/** The first row of a constant with `count` equal ones along `axis`; undefined where they differ. */
export function oneRow(name: string, weight: Weight, axis: number, count: number, read: ReadBytes): TensorProto | undefined {
  const bytes = tensorBytes(weight.dataType, weight.dims);
  if (weight.dims[axis] !== count || weight.dims.slice(0, axis).some((size) => size !== 1) || bytes === undefined || bytes > MAX_BYTES || bytes % count !== 0) return undefined;
  const all = read(weight);
  if (all?.length !== bytes) return undefined;
  const first = all.slice(0, bytes / count);
  for (let row = 1; row < count; row++) if (Buffer.compare(first, all.subarray(row * first.length, (row + 1) * first.length)) !== 0) return undefined;
  return create(TensorProtoSchema, { name, dataType: weight.dataType, dims: weight.dims.map((size, at) => BigInt(at === axis ? 1 : size)), rawData: first });
}

/**
 * `GatherND(x, [row, place])` with constant indices, as torch writes `mask[rows, places]`: the places, where they are the same in
 * every row and each row looks into itself. Then it is `Gather(x, places, axis=1)`.
 */
export function placesOfLookup(name: string, node: GraphNode, count: number, read: ReadBytes): TensorProto | undefined {
  const weight = node.inputs[1]?.weight;
  const dims = weight?.dims ?? [];
  const total = dims.reduce((product, size) => product * size, 1);
  if (!weight || weight.dataType !== INT64 || dims[0] !== count || dims.at(-1) !== 2 || total * 8 > MAX_BYTES || (intAttribute(node, 'batch_dims') ?? 0) !== 0) return undefined;
  const bytes = read(weight)?.slice();
  if (bytes?.length !== total * 8) return undefined;
  const indices = new BigInt64Array(bytes.buffer);
  const perRow = total / 2 / count;
  const places = new BigInt64Array(perRow);
  for (let index = 0; index < perRow * count; index++) {
    const [row, place] = [indices[index * 2], indices[index * 2 + 1] ?? 0n];
    if (row !== BigInt(Math.floor(index / perRow))) return undefined;
    if (index < perRow) places[index] = place;
    else if (places[index % perRow] !== place) return undefined;
  }
  return create(TensorProtoSchema, { name, dataType: INT64, dims: dims.slice(1, -1).map(BigInt), rawData: new Uint8Array(places.buffer) });
}
