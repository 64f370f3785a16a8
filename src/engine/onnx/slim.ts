/** Slim models: any part of a graph as a model of its own, kilobytes long, with weights by reference into the original files. */
import { clone, create, toBinary } from '@bufbuild/protobuf';
import { CogscopeError } from '../../shared/errors.ts';
import { dataFolder, locationOf } from './dataFolder.ts';
import type { Weight } from './graph.ts';
import { tensorsOfFunction, tensorsOfNode } from './innerTensors.ts';
import type { OnnxModel } from './model.ts';
import {
  FunctionProtoSchema, GraphProtoSchema, ModelProtoSchema, NodeProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation, TensorProtoSchema,
  TensorShapeProto_DimensionSchema, TensorShapeProtoSchema, TypeProto_TensorSchema, TypeProtoSchema, ValueInfoProtoSchema,
} from './proto/onnx_pb.js';
import type { FunctionProto, NodeProto, TensorProto, ValueInfoProto } from './proto/onnx_pb.js';
import { capturedNames } from './subgraphs.ts';
import { liesElsewhere } from './weightPlaces.ts';
import { weightBytes } from './weights.ts';

export interface TypedName {
  readonly name: string;
  /** TensorProto.DataType; 0: left to the runtime to infer (outputs only). */
  readonly elemType: number;
  /** Absent: no shape is declared. */
  readonly shape?: readonly (number | string)[];
}

export interface SlimPart {
  /** In topological order. */
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly TypedName[];
  readonly outputs: readonly TypedName[];
}

export interface SlimModel {
  readonly bytes: Uint8Array;
  /** Where external data are looked for: `session.model_external_initializers_file_folder_path`. */
  readonly folder: string;
}

/** Weights up to this many bytes are written into the slim model itself. */
const INLINE_BYTES = 1024;

export function writeSlim(model: OnnxModel, part: SlimPart): SlimModel {
  const given = new Set(part.inputs.map((input) => input.name));
  const used = new Set(part.nodes.flatMap((node) => [...node.input, ...capturedNames(node)]));
  const weights = [...used].filter((name) => !given.has(name)).map((name) => model.weights.get(name)).filter((weight): weight is Weight => weight !== undefined);
  const problem = model.problems.find((candidate) => weights.some((weight) => weight.name === candidate.weight));
  if (problem) throw new CogscopeError(problem.code, `${problem.what}: ${problem.reason}`, problem.todo, model.path);
  const folder = weights.length > 0 ? dataFolder(model) : model.folder;
  const graph = create(GraphProtoSchema, {
    name: 'stage',
    node: part.nodes.map((node) => whole(model, bare(node))),
    initializer: weights.map((weight) => slimWeight(model, weight)),
    input: part.inputs.map(valueInfo),
    output: part.outputs.map(valueInfo),
  });
  const proto = create(ModelProtoSchema, {
    irVersion: model.proto.irVersion,
    opsetImport: model.proto.opsetImport,
    functions: model.proto.functions.map((made) => wholeFunction(model, made)),
    graph,
  });
  return { bytes: toBinary(ModelProtoSchema, proto), folder };
}

/** Without the exporter's record, which is most of a node's bytes. */
function bare(node: NodeProto): NodeProto {
  if (node.metadataProps.length === 0 && node.docString === '') return node;
  const copy = clone(NodeProtoSchema, { ...node, metadataProps: [] });
  copy.docString = '';
  return copy;
}

/** With the elements of tensors inside it that were left in a file: ONNX Runtime takes no references there. */
function whole(model: OnnxModel, node: NodeProto): NodeProto {
  if (!tensorsOfNode(node).some(liesElsewhere)) return node;
  const copy = clone(NodeProtoSchema, node);
  for (const tensor of tensorsOfNode(copy)) fillIn(model, tensor);
  return copy;
}

function wholeFunction(model: OnnxModel, made: FunctionProto): FunctionProto {
  if (!tensorsOfFunction(made).some(liesElsewhere)) return made;
  const copy = clone(FunctionProtoSchema, made);
  for (const tensor of tensorsOfFunction(copy)) fillIn(model, tensor);
  return copy;
}

function fillIn(model: OnnxModel, tensor: TensorProto): void {
  if (!liesElsewhere(tensor)) return;
  tensor.rawData = weightBytes(model, model.innerWeight(tensor));
  tensor.externalData = [];
  tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
}

function slimWeight(model: OnnxModel, weight: Weight): TensorProto {
  const tensor = create(TensorProtoSchema, { name: weight.name, dataType: weight.dataType, dims: weight.dims.map(BigInt) });
  const { storage } = weight;
  // Elsewhere than on x64 unaligned data were never measured, so the few bytes are copied there.
  const isReferable = storage.kind === 'file' && storage.length > INLINE_BYTES && (process.arch === 'x64' || storage.offset % 8 === 0);
  if (!isReferable) {
    tensor.rawData = weightBytes(model, weight);
    return tensor;
  }
  const entry = (key: string, value: string): TensorProto['externalData'][number] => create(StringStringEntryProtoSchema, { key, value });
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = [entry('location', locationOf(model, storage.path)), entry('offset', String(storage.offset)), entry('length', String(storage.length))];
  return tensor;
}

function valueInfo(typed: TypedName): ValueInfoProto {
  const info = create(ValueInfoProtoSchema, { name: typed.name });
  if (typed.elemType === 0) return info;
  const tensor = create(TypeProto_TensorSchema, { elemType: typed.elemType });
  if (typed.shape) {
    tensor.shape = create(TensorShapeProtoSchema, {
      dim: typed.shape.map((dim) => create(TensorShapeProto_DimensionSchema, {
        value: typeof dim === 'number' ? { case: 'dimValue', value: BigInt(dim) } : { case: 'dimParam', value: dim },
      })),
    });
  }
  info.type = create(TypeProtoSchema, { value: { case: 'tensorType', value: tensor } });
  return info;
}
