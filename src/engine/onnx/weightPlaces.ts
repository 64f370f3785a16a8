/** Finds where every tensor's elements lie: in the skeleton, in the model file, or in a file beside it. */
import { CogscopeError } from '../../shared/errors.ts';
import type { Weight, WeightStorage } from './graph.ts';
import { STRING, tensorBytes } from './elementType.ts';
import { resolveExternal } from './externalData.ts';
import type { KnownFiles, Reason } from './externalData.ts';
import type { Fingerprint } from './fingerprint.ts';
import { tensorsOfFunction, tensorsOfNode } from './innerTensors.ts';
import type { ModelProblem } from './problems.ts';
import { TensorProto_DataLocation } from './proto/onnx_pb.js';
import type { ModelProto, SparseTensorProto, TensorProto } from './proto/onnx_pb.js';
import { PAYLOAD_KEY } from './skeleton.ts';
import type { Payload, Skeleton } from './skeleton.ts';
import { rawBytes } from './typedFields.ts';

const RAW = 9;
/** Typed fields whose packed form is plain little-endian elements: float_data, double_data. */
const plainFields: ReadonlyMap<number, number> = new Map([[4, 1], [10, 11]]);
const nothing: WeightStorage = { kind: 'inline', bytes: new Uint8Array(0) };

export class Placer {
  /** Initialisers of the main graph, by name. */
  readonly weights = new Map<string, Weight>();
  readonly problems: ModelProblem[] = [];
  /** Data files beside the model, by path. */
  readonly externals = new Map<string, Fingerprint>();
  private readonly payloads: readonly Payload[];
  private readonly path: string;
  private readonly realPath: string;
  private readonly known: KnownFiles = new Map();

  private constructor(payloads: readonly Payload[], path: string, realPath: string) {
    this.payloads = payloads;
    this.path = path;
    this.realPath = realPath;
  }

  static place(proto: ModelProto, skeleton: Skeleton, path: string, realPath: string): Placer {
    const placer = new Placer(skeleton.payloads, path, realPath);
    const { initializer = [], sparseInitializer = [], node = [] } = proto.graph ?? {};
    for (const tensor of initializer) placer.weights.set(tensor.name, placer.weight(tensor));
    for (const sparse of sparseInitializer) placer.sparse(sparse);
    const check = (tensors: readonly TensorProto[]): void => {
      for (const tensor of tensors) if (liesElsewhere(tensor)) placer.weight(tensor);
    };
    for (const one of node) check(tensorsOfNode(one));
    for (const made of proto.functions) check(tensorsOfFunction(made));
    return placer;
  }

  /** A tensor inside a node, which has no name to be found by. Throws 'unreadable' where its elements cannot be read. */
  inner(tensor: TensorProto): Weight {
    const storage = this.storageOf(tensor);
    if ('reason' in storage) throw new CogscopeError('unreadable', `${label(tensor.name)} cannot be read: ${storage.reason}`, storage.todo);
    return described(tensor, storage);
  }

  private weight(tensor: TensorProto): Weight {
    const storage = this.storageOf(tensor);
    if ('reason' in storage) {
      this.problems.push({ code: 'unreadable', weight: tensor.name, what: `${label(tensor.name)} cannot be read`, ...storage });
      return described(tensor, nothing);
    }
    if (tensor.dataType === STRING) this.refuse(tensor.name, 'holds text', 'Cogscope runs weights that are numbers');
    return described(tensor, storage);
  }

  private sparse(tensor: SparseTensorProto): void {
    const name = tensor.values?.name ?? '';
    this.refuse(name, 'is sparse', 'Cogscope runs dense weights only');
    this.weights.set(name, { name, dataType: tensor.values?.dataType ?? 0, dims: tensor.dims.map(Number), storage: nothing });
  }

  private refuse(name: string, what: string, reason: string): void {
    this.problems.push({ code: 'refused', weight: name, what: `${label(name)} ${what}`, reason, todo: 'Export the model with plain float weights' });
  }

  /** Where a tensor's elements lie, or why they cannot be read. */
  private storageOf(tensor: TensorProto): WeightStorage | Reason {
    const index = payloadIndex(tensor);
    const payload = index === undefined ? undefined : this.payloads[index];
    const expected = tensorBytes(tensor.dataType, tensor.dims.map(Number));
    if (payload) return this.inModel(tensor, payload, expected);
    if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
      const place = resolveExternal(tensor, this.path, expected, this.known);
      if ('reason' in place) return place;
      if (place.file.path !== this.realPath) this.externals.set(place.file.path, place.file);
      return wrongSize(expected, place.length) ?? { kind: 'file', path: place.file.path, offset: place.offset, length: place.length };
    }
    const bytes = rawBytes(tensor);
    return wrongSize(expected, bytes.length) ?? { kind: 'inline', bytes };
  }

  private inModel(tensor: TensorProto, { field, segments }: Payload, expected: number | undefined): WeightStorage | Reason {
    const [only] = segments;
    const isPlain = field === RAW || plainFields.get(field) === tensor.dataType;
    if (!only || segments.length > 1 || !isPlain || !only.packed) return { kind: 'typed-field', path: this.realPath, segments, field };
    return wrongSize(expected, only.length) ?? { kind: 'file', path: this.realPath, offset: only.offset, length: only.length };
  }
}

/** Whether a tensor's elements are not in the decoded message. */
export function liesElsewhere(tensor: TensorProto): boolean {
  return tensor.dataLocation === TensorProto_DataLocation.EXTERNAL || payloadIndex(tensor) !== undefined;
}

function payloadIndex(tensor: TensorProto): number | undefined {
  const mark = tensor.externalData.find((entry) => entry.key === PAYLOAD_KEY);
  return mark && Number(mark.value);
}

function wrongSize(expected: number | undefined, actual: number): Reason | undefined {
  if (expected === undefined || expected === actual) return undefined;
  return { reason: `it should take ${expected} bytes and takes ${actual}`, todo: 'Export the model again' };
}

const described = (tensor: TensorProto, storage: WeightStorage): Weight => ({ name: tensor.name, dataType: tensor.dataType, dims: tensor.dims.map(Number), storage });
const label = (name: string): string => (name === '' ? 'A constant' : `The weight "${name}"`);
