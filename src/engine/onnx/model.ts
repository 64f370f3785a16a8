/** A model file as it was read: its skeleton, its graph, and where its weights lie. */
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { CogscopeError } from '../../shared/errors.ts';
import { buildGraph } from './buildGraph.ts';
import { chooseCacheBranch } from './cacheSwitch.ts';
import type { CacheSwitch } from './cacheSwitch.ts';
import { constantsToWeights } from './constants.ts';
import { decompose } from './decompose/decompose.ts';
import type { Decomposed } from './decompose/decompose.ts';
import { elementTypes } from './elementType.ts';
import { assertUnchanged } from './fingerprint.ts';
import type { Fingerprint } from './fingerprint.ts';
import { foldBranches } from './foldBranches.ts';
import { freeBatch } from './frozenBatch/freeBatch.ts';
import { findProblems } from './problems.ts';
import type { ModelProblem } from './problems.ts';
import type { Graph, Weight } from './graph.ts';
import { inlineFunctions } from './inlineFunctions.ts';
import { ModelFile } from './modelFile.ts';
import { NodeRecords } from './nodeRecords.ts';
import { ModelProtoSchema } from './proto/onnx_pb.js';
import type { ModelProto, TensorProto } from './proto/onnx_pb.js';
import { checkLooksLikeOnnx } from './sniff.ts';
import { readSkeleton } from './skeleton.ts';
import type { Skeleton } from './skeleton.ts';
import { Placer } from './weightPlaces.ts';

export class OnnxModel {
  readonly path: string;
  /** Behind links: where the weights in the file itself are read from. */
  readonly realPath: string;
  readonly folder: string;
  readonly file: ModelFile;
  readonly proto: ModelProto;
  /** With fused operators written out. */
  readonly graph: Graph;
  readonly decomposed: Decomposed;
  /** Domain → version; "" is the standard domain. */
  readonly opset: ReadonlyMap<string, number>;
  readonly bytes: number;
  readonly externalBytes: number;
  readonly weights: ReadonlyMap<string, Weight>;
  /** What the exporter noted at each node. */
  readonly records: NodeRecords;
  readonly parameters: number;
  /** How many rows the file takes, where it fixes them and the graph was opened for any number; else null. */
  readonly freedRows: number | null;
  /** In a file that holds a model with and one without a past: which of them this is. */
  readonly cacheSwitch: CacheSwitch | undefined;
  /** Why the model cannot run, or not all of it; looking works all the same. */
  readonly problems: readonly ModelProblem[];
  private readonly placer: Placer;
  private readonly externals: readonly Fingerprint[];
  private readonly cleanups: (() => void)[] = [];

  private constructor(path: string, file: ModelFile, proto: ModelProto, { placer, freedRows }: Placed, records: NodeRecords, cacheSwitch: CacheSwitch | undefined) {
    this.path = path;
    this.cacheSwitch = cacheSwitch;
    this.realPath = realpathSync(path);
    this.folder = dirname(this.realPath);
    this.file = file;
    this.proto = proto;
    this.bytes = file.size;
    this.freedRows = freedRows;
    this.records = records;
    if (!proto.graph) throw new CogscopeError('unreadable', 'The file holds no ONNX graph', 'Choose a model that was exported to ONNX', path);
    this.opset = opsetOf(proto);
    this.decomposed = decompose(buildGraph(proto.graph, placer.weights), placer.weights, this.opset);
    this.graph = this.decomposed.graph;
    this.weights = this.decomposed.weights;
    if (this.opset.size === 0) throw new CogscopeError('unreadable', 'The file names no operator set', 'Export the model again', path);
    this.placer = placer;
    this.externals = [...placer.externals.values()];
    this.externalBytes = this.externals.reduce((sum, external) => sum + external.size, 0);
    this.parameters = [...placer.weights.values()].filter((weight) => (elementTypes.get(weight.dataType)?.name ?? '').includes('float') || weight.dims.length > 1)
      .reduce((sum, weight) => sum + weight.dims.reduce((product, dim) => product * dim, 1), 0);
    this.problems = [...placer.problems, ...findProblems(this.graph, this.opset, proto)];
  }

  /**
   * Reads the skeleton; no weight is read. A merged decoder is read as the model that takes a past, or as the one that takes none.
   * Throws 'unreadable' with a sentence where the file is no ONNX model.
   */
  static async open(path: string, { withPast = false }: { readonly withPast?: boolean } = {}): Promise<OnnxModel> {
    await Promise.resolve();
    const absolute = resolve(path);
    const file = ModelFile.open(absolute);
    try {
      checkLooksLikeOnnx(file, absolute);
      const skeleton = readSkeleton(file);
      const proto = decode(skeleton.bytes, absolute);
      inlineFunctions(proto);
      const cacheSwitch = proto.graph && chooseCacheBranch(proto.graph, withPast);
      return new OnnxModel(absolute, file, proto, placeWeights(proto, skeleton, absolute, file), new NodeRecords(file, skeleton.records), cacheSwitch);
    } catch (error) {
      file.close();
      if (error instanceof CogscopeError && error.data.where === '') throw new CogscopeError(error.code, error.data.what, error.data.todo, absolute, error.data.detail);
      throw error;
    }
  }

  /** A tensor that stands inside a node. Throws 'unreadable' where its elements cannot be read. */
  innerWeight(tensor: TensorProto): Weight {
    return this.placer.inner(tensor);
  }

  /** The model's own file, behind links, and those that its weights lie in. */
  get dataFiles(): readonly string[] {
    return [this.realPath, ...this.externals.map((external) => external.path).sort()];
  }

  /** Throws 'changed' where the model or one of its data files is no longer what was opened. */
  assertUnchanged(): void {
    this.file.assertUnchanged();
    for (const external of this.externals) assertUnchanged(external);
  }

  /** The same for one of them. */
  assertFileUnchanged(path: string): void {
    const external = this.placer.externals.get(path);
    if (external) assertUnchanged(external);
    else this.file.assertUnchanged();
  }

  /** Something to undo at close: temporary folders. */
  onClose(cleanup: () => void): void {
    this.cleanups.push(cleanup);
  }

  async close(): Promise<void> {
    await Promise.resolve();
    this.file.close();
    for (const cleanup of this.cleanups.splice(0)) cleanup();
  }
}

interface Placed {
  readonly placer: Placer;
  /** How many rows the file takes, where it fixes them and any other number does as well. */
  readonly freedRows: number | null;
}

/** With the branches that are always taken in place of their Ifs, and any number of rows where that is provably right. Changes `proto`. */
function placeWeights(proto: ModelProto, skeleton: Skeleton, path: string, file: ModelFile): Placed {
  const place = (): Placer => {
    if (proto.graph) constantsToWeights(proto.graph);
    return Placer.place(proto, skeleton, path, realpathSync(path));
  };
  let placer = place();
  while (proto.graph && foldBranches(proto.graph, placer.weights, opsetOf(proto))) placer = place();
  const read = ({ storage }: Weight): Uint8Array | undefined => {
    if (storage.kind === 'inline') return storage.bytes;
    return storage.kind === 'file' && storage.path === realpathSync(path) ? file.read(storage.offset, storage.length) : undefined;
  };
  const freed = proto.graph && freeBatch(proto.graph, placer.weights, opsetOf(proto), read);
  if (!freed) return { placer, freedRows: null };
  proto.graph = freed.graph;
  return { placer: place(), freedRows: freed.rows };
}

const opsetOf = (proto: ModelProto): ReadonlyMap<string, number> =>
  new Map(proto.opsetImport.map((entry) => [entry.domain === 'ai.onnx' ? '' : entry.domain, Number(entry.version)]));

function decode(bytes: Uint8Array, path: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new CogscopeError('unreadable', 'The file does not read as an ONNX model', 'Export or copy it again', path, String(error));
  }
}
