/** Sessions of ONNX Runtime. The native library is loaded at the first one, so that looking at a model never loads it. */
import type * as ort from 'onnxruntime-node';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { CogscopeError } from '../../shared/errors.ts';
import type { SlimModel } from '../onnx/slim.ts';
import type { Tensor, TensorData, TensorType } from './tensor.ts';
import { translate } from './translate.ts';

export type OptimizationLevel = 'all' | 'basic' | 'disabled';

export interface OrtSessionOptions {
  readonly optimization: OptimizationLevel;
  /** Threads within an operator; 0 leaves it to the runtime. */
  readonly threads: number;
  /** Memory is kept from run to run until the session ends, as suits many runs of one kind: the first touch of a page costs as much as many products. */
  readonly keepsMemory?: boolean;
}

type Runtime = typeof ort;
let runtime: Promise<Runtime> | undefined;

function load(): Promise<Runtime> {
  // A CommonJS package: its exports stand under `default` when imported from an ES module.
  runtime ??= import('onnxruntime-node').then((module) => {
    const loaded = 'InferenceSession' in module ? module : (module as { readonly default: Runtime }).default;
    keepHalvesAsBits(loaded);
    return loaded;
  });
  return runtime;
}

/**
 * Where there is a Float16Array (Node 24), ONNX Runtime's tensors are made of it and its native part cannot read them. It looks
 * for one when it makes its first tensor: here, while there is none.
 */
function keepHalvesAsBits(loaded: Runtime): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (!own) return;
  Reflect.deleteProperty(globalThis, 'Float16Array');
  new loaded.Tensor('bool', Uint8Array.of(0), [1]);
  Object.defineProperty(globalThis, 'Float16Array', own);
}

export class OrtSession {
  private readonly session: InferenceSession;
  private readonly runtime: Runtime;

  private constructor(session: InferenceSession, loaded: Runtime) {
    this.session = session;
    this.runtime = loaded;
  }

  /** Blocks the event loop while ONNX Runtime works. Throws CogscopeError in plain words, the runtime's own in `detail`. */
  static async create(model: SlimModel | { readonly path: string }, options: OrtSessionOptions): Promise<OrtSession> {
    let loaded: Runtime;
    try {
      loaded = await load();
    } catch (error) {
      throw new CogscopeError('refused', 'ONNX Runtime does not start on this machine', 'Install the Cogscope build for this platform', '', String(error));
    }
    const settings: InferenceSession.SessionOptions = {
      graphOptimizationLevel: options.optimization,
      // The arena never gives memory back; without it released sessions free theirs.
      enableCpuMemArena: options.keepsMemory === true,
      logSeverityLevel: 4,
      ...(options.threads > 0 ? { intraOpNumThreads: options.threads } : {}),
      extra: {
        session: {
          // Idle sessions of a chain must not spin on the cores that the running one needs.
          force_spinning_stop: '1',
          // Pairs of QuantizeLinear and DequantizeLinear are computed as the file has them: integer kernels in their place round otherwise,
          // and take in other nodes in a stage than in the whole file.
          disable_quant_qdq: '1',
          ...('folder' in model ? { model_external_initializers_file_folder_path: model.folder } : {}),
        },
      },
    };
    try {
      const session = 'bytes' in model ? await loaded.InferenceSession.create(model.bytes, settings) : await loaded.InferenceSession.create(model.path, settings);
      return new OrtSession(session, loaded);
    } catch (error) {
      throw translate(error, 'load');
    }
  }

  /** Outputs by name, only those in `fetches`. */
  async run(feeds: ReadonlyMap<string, Tensor>, fetches: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    const inputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of feeds) inputs[name] = new this.runtime.Tensor(tensor.type as 'float32', tensor.data as Float32Array, tensor.dims);
    try {
      const outputs = await this.session.run(inputs, [...fetches]);
      return new Map(Object.entries(outputs).map(([name, value]) => [name, { type: value.type as TensorType, dims: value.dims, data: value.data as TensorData }]));
    } catch (error) {
      throw translate(error, 'run');
    }
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
