/**
 * Writes generated models. The weights go to the disk as they are made, or, in a sparse file, are holes that take no
 * space: what opens a model must not notice.
 */
import { closeSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation, TensorProtoSchema,
  TensorShapeProto_DimensionSchema, TensorShapeProtoSchema, TypeProto_TensorSchema, TypeProtoSchema, ValueInfoProtoSchema,
} from '../../src/engine/onnx/proto/onnx_pb.js';
import type { TensorProto, ValueInfoProto } from '../../src/engine/onnx/proto/onnx_pb.js';
import { bytesOf, fill } from './fill.ts';
import { FLOAT, INT64 } from './graphBuilder.ts';
import type { GraphBuilder, WeightSpec } from './graphBuilder.ts';

export interface WriteOptions {
  /** In the file itself, or in one beside it (`NAME.data`). */
  readonly weights: 'inline' | 'external';
  /** Weights above {@link SPARSE_BYTES} are holes, which read as zeros. */
  readonly sparse: boolean;
}

/** In a sparse file, smaller weights are written all the same: norms and biases show that offsets are right. */
export const SPARSE_BYTES = 1 << 16;
/** External data start at multiples of this, as torch's exporter has them. */
const ALIGNMENT = 4096;
/** Weights below this are in the model file even where the others are not. */
const EXTERNAL_BYTES = 1024;

/** Numbers of fields in onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_RAW_DATA = 9;

export function writeModel(path: string, graph: GraphBuilder, options: WriteOptions): void {
  const temporary = `${path}.part`;
  const data = options.weights === 'external' ? `${path}.data` : undefined;
  const places = data === undefined ? new Map<WeightSpec, number>() : placeExternally(graph.weights);
  if (data !== undefined) withFile(data, (file) => writeExternal(file, places, options.sparse));
  withFile(temporary, (file) => writeInline(file, graph, places, data === undefined ? '' : basename(data), options.sparse));
  renameSync(temporary, path);
}

function writeInline(file: Cursor, graph: GraphBuilder, external: ReadonlyMap<WeightSpec, number>, data: string, sparse: boolean): void {
  const frame = toBinary(GraphProtoSchema, create(GraphProtoSchema, {
    name: 'main_graph', node: graph.nodes,
    input: [valueInfo('input_ids', INT64)], output: [valueInfo('logits', FLOAT)],
  }));
  const tensors = graph.weights.map((weight) => {
    const offset = external.get(weight);
    const head = toBinary(TensorProtoSchema, offset === undefined ? tensor(weight) : externalTensor(weight, data, offset));
    const raw = offset === undefined ? header(TENSOR_RAW_DATA, bytesOf(weight)) : new Uint8Array(0);
    const size = head.length + raw.length + (offset === undefined ? bytesOf(weight) : 0);
    return { weight, isInline: offset === undefined, parts: [header(GRAPH_INITIALIZER, size), head, raw] };
  });
  const size = tensors.reduce((sum, { weight, isInline, parts }) => sum + parts.reduce((all, part) => all + part.length, 0) + (isInline ? bytesOf(weight) : 0), frame.length);
  file.write(toBinary(ModelProtoSchema, create(ModelProtoSchema, {
    irVersion: 10n, producerName: 'cogscope-bench', opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: 20n })],
  })));
  file.write(header(MODEL_GRAPH, size));
  file.write(frame);
  for (const { weight, isInline, parts } of tensors) {
    for (const part of parts) file.write(part);
    if (isInline) writeWeight(file, weight, sparse);
  }
}

function writeExternal(file: Cursor, places: ReadonlyMap<WeightSpec, number>, sparse: boolean): void {
  for (const [weight, offset] of places) {
    file.position = offset;
    writeWeight(file, weight, sparse);
  }
}

function writeWeight(file: Cursor, weight: WeightSpec, sparse: boolean): void {
  if (sparse && bytesOf(weight) > SPARSE_BYTES) file.position += bytesOf(weight);
  else for (const chunk of fill(weight)) file.write(chunk);
}

function placeExternally(weights: readonly WeightSpec[]): ReadonlyMap<WeightSpec, number> {
  const places = new Map<WeightSpec, number>();
  let end = 0;
  for (const weight of weights.filter((one) => bytesOf(one) >= EXTERNAL_BYTES)) {
    places.set(weight, end);
    end = Math.ceil((end + bytesOf(weight)) / ALIGNMENT) * ALIGNMENT;
  }
  return places;
}

/** A file that is written from front to back, with holes where the position is moved on. */
class Cursor {
  position = 0;
  private readonly descriptor: number;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.descriptor, bytes, done, bytes.length - done, this.position + done);
    this.position += bytes.length;
  }
}

function withFile(path: string, use: (file: Cursor) => void): void {
  const descriptor = openSync(path, 'w');
  try {
    const file = new Cursor(descriptor);
    use(file);
    // A hole at the end is part of the file only once its length says so.
    ftruncateSync(descriptor, file.position);
  } finally {
    closeSync(descriptor);
  }
}

function tensor(weight: WeightSpec): TensorProto {
  return create(TensorProtoSchema, { name: weight.name, dataType: weight.dataType, dims: weight.dims.map(BigInt) });
}

function externalTensor(weight: WeightSpec, location: string, offset: number): TensorProto {
  const entries = { location, offset: String(offset), length: String(bytesOf(weight)) };
  return create(TensorProtoSchema, {
    ...tensor(weight), dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });
}

/** [batch, sequence], and for logits one axis more, which is left to the reader. */
function valueInfo(name: string, elemType: number): ValueInfoProto {
  const axes = name === 'logits' ? ['batch', 'sequence', 'vocab'] : ['batch', 'sequence'];
  const shape = create(TensorShapeProtoSchema, { dim: axes.map((axis) => create(TensorShapeProto_DimensionSchema, { value: { case: 'dimParam', value: axis } })) });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: 'tensorType', value: create(TypeProto_TensorSchema, { elemType, shape }) } }) });
}

/** Tag and length of a length-delimited field. */
function header(field: number, length: number): Uint8Array {
  const bytes: number[] = [];
  for (let value of [field * 8 + 2, length]) {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}
