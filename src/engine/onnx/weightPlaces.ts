/** Finds where every tensor's elements lie: in the skeleton, in the model file, or in a file beside it. */
import type { Weight, WeightStorage } from './graph.ts';
import { tensorBytes } from './elementType.ts';
import { resolveExternal } from './externalData.ts';
import type { ExternalProblem, KnownFiles } from './externalData.ts';
import type { ModelProblem } from './problems.ts';
import { TensorProto_DataLocation } from './proto/onnx_pb.js';
import type { ModelProto, TensorProto } from './proto/onnx_pb.js';
import { PAYLOAD_KEY } from './skeleton.ts';
import type { Payload, Skeleton } from './skeleton.ts';
import { rawBytes } from './typedFields.ts';

const RAW = 9;
/** Typed fields whose packed form is plain little-endian elements: float_data, double_data. */
const plainFields: ReadonlyMap<number, number> = new Map([[4, 1], [10, 11]]);

export class Placer {
  /** Initialisers of the main graph, by name. */
  readonly weights: ReadonlyMap<string, Weight>;
  readonly problems: readonly ModelProblem[];
  /** Data files beside the model, each once. */
  readonly externalPaths: readonly string[];

  private constructor(weights: ReadonlyMap<string, Weight>, problems: readonly ModelProblem[], externalPaths: readonly string[]) {
    this.weights = weights;
    this.problems = problems;
    this.externalPaths = externalPaths;
  }

  static place(proto: ModelProto, skeleton: Skeleton, path: string, realPath: string): Placer {
    const problems: ModelProblem[] = [];
    const externals = new Set<string>();
    const weights = new Map<string, Weight>();
    const known: KnownFiles = new Map();
    for (const tensor of proto.graph?.initializer ?? []) {
      const storage = storageOf(tensor, skeleton.payloads, { path, realPath, known });
      if ('reason' in storage) problems.push({ code: 'unreadable', ...storage });
      else if (storage.kind === 'file' && storage.path !== realPath) externals.add(storage.path);
      weights.set(tensor.name, {
        name: tensor.name, dataType: tensor.dataType, dims: tensor.dims.map(Number),
        storage: 'reason' in storage ? { kind: 'inline', bytes: new Uint8Array(0) } : storage,
      });
    }
    return new Placer(weights, problems, [...externals]);
  }
}

/** Where a tensor's elements lie, or why they cannot be read. */
function storageOf(tensor: TensorProto, payloads: readonly Payload[], files: { readonly path: string; readonly realPath: string; readonly known: KnownFiles }): WeightStorage | ExternalProblem {
  const mark = tensor.externalData.find((entry) => entry.key === PAYLOAD_KEY);
  const payload = mark && payloads[Number(mark.value)];
  if (payload) return inFile(tensor, payload, files.realPath);
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    const place = resolveExternal(tensor, files.path, tensorBytes(tensor.dataType, tensor.dims.map(Number)), files.known);
    return 'reason' in place ? place : { kind: 'file', ...place };
  }
  return { kind: 'inline', bytes: rawBytes(tensor) };
}

function inFile(tensor: TensorProto, payload: Payload, path: string): WeightStorage | ExternalProblem {
  const [only] = payload.segments;
  const isPlain = payload.field === RAW || plainFields.get(payload.field) === tensor.dataType;
  if (only && payload.segments.length === 1 && isPlain && only.packed) {
    const expected = tensorBytes(tensor.dataType, tensor.dims.map(Number));
    if (expected !== undefined && expected !== only.length) {
      return { what: `The weight "${tensor.name}" cannot be read`, reason: `it should take ${expected} bytes and takes ${only.length}`, todo: 'Export the model again' };
    }
    return { kind: 'file', path, offset: only.offset, length: only.length };
  }
  return { kind: 'typed-field', path, segments: payload.segments, field: payload.field };
}
