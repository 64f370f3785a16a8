/** Sessions of stages: made when first needed, kept under a budget, and never two that hold the same weight. */
import { createHash } from 'node:crypto';
import type { OnnxModel } from '../onnx/model.ts';
import type { GraphNode, Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { NodeProto } from '../onnx/proto/onnx_pb.js';
import { elemTypeOf } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import { OrtSession } from '../ort/session.ts';
import type { OptimizationLevel } from '../ort/session.ts';
import { storedLength } from '../onnx/weights.ts';
import { writeSlim } from '../onnx/slim.ts';
import type { TypedName } from '../onnx/slim.ts';
import type { Stage } from './plan.ts';
import type { Probe } from './program.ts';
import type { Rewriter } from './rewrite.ts';

export interface SessionOptions {
  readonly level: OptimizationLevel;
  readonly threads: number;
  /** Bytes of weights that live sessions may hold together; each session packs its own copy. */
  readonly weightBudget: number;
  readonly keepsMemory?: boolean;
}

/** A stage, and the probes that are computed with it. */
export interface Part {
  readonly stage: Stage;
  readonly probes: readonly Probe[];
}

interface Live {
  readonly session: OrtSession;
  readonly weights: ReadonlySet<string>;
  readonly bytes: number;
}

export class StageSessions {
  private readonly model: OnnxModel;
  private readonly types: TypeTable;
  private readonly options: SessionOptions;
  /** In order of use: the first is the one least recently used. */
  private readonly live = new Map<string, Live>();
  private readonly keys = new WeakMap<Stage, string>();
  /** Settles when what was asked for last is done. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(model: OnnxModel, types: TypeTable, options: SessionOptions) {
    this.model = model;
    this.types = types;
    this.options = options;
  }

  get count(): number {
    return this.live.size;
  }

  /** Runs a stage on `feeds`, in which `fed` are its own; its outputs by name, only those in `fetches`. */
  run(part: Part, rewriter: Rewriter, fed: ReadonlyMap<Value, Tensor>, feeds: ReadonlyMap<string, Tensor>, fetches: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    return this.inTurn(async () => {
      const session = await this.session(part, rewriter, fed);
      return await session.run(feeds, fetches);
    });
  }

  release(): Promise<void> {
    return this.inTurn(async () => {
      for (const key of [...this.live.keys()]) await this.end(key);
    });
  }

  /** Two runs of a program may be under way: one must not end a session that the other is about to use, or make it twice. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** The session of a stage; `fed` tells element types that the file does not. */
  private async session({ stage, probes }: Part, rewriter: Rewriter, fed: ReadonlyMap<Value, Tensor>): Promise<OrtSession> {
    // A live session maps its weights: reading them behind a file that was cut short would end the process.
    this.model.assertUnchanged();
    const own = this.keys.get(stage) ?? keyOf(stage);
    this.keys.set(stage, own);
    const key = `${own}${probes.flatMap((probe) => probe.outputs.map(({ name }) => `|${name}`)).join('')}`;
    const known = this.live.get(key);
    if (known) {
      this.live.delete(key);
      this.live.set(key, known);
      return known.session;
    }
    const weights = weightsOf(stage.nodes);
    const bytes = [...weights.values()].reduce((sum, size) => sum + size, 0);
    const names = new Set(weights.keys());
    await this.makeRoom(names, bytes);
    const slim = writeSlim(this.model, {
      nodes: [...protosOf(stage.nodes, rewriter), ...probes.flatMap((probe) => probe.nodes)],
      inputs: [...stage.feeds.map((value) => ({ name: value.name, elemType: this.types.of(value).elemType || elemTypeOf(fed.get(value)) })), ...sharedInputs(probes)],
      outputs: [...stage.carries.map((value) => ({ name: value.name, elemType: this.types.of(value).elemType })), ...probes.flatMap((probe) => probe.outputs)],
    });
    this.model.assertUnchanged();
    const session = await OrtSession.create(slim, { optimization: this.options.level, threads: this.options.threads, keepsMemory: this.options.keepsMemory === true });
    this.live.set(key, { session, weights: names, bytes });
    return session;
  }

  /** Ends sessions that share a large weight with the new one, then the least recently used until the budget holds. */
  private async makeRoom(weights: ReadonlySet<string>, bytes: number): Promise<void> {
    for (const [key, other] of [...this.live]) if ([...weights].some((name) => other.weights.has(name))) await this.end(key);
    let held = [...this.live.values()].reduce((sum, other) => sum + other.bytes, 0);
    for (const [key, other] of [...this.live]) {
      if (held + bytes <= this.options.weightBudget) break;
      held -= other.bytes;
      await this.end(key);
    }
  }

  private async end(key: string): Promise<void> {
    const live = this.live.get(key);
    this.live.delete(key);
    await live?.session.release();
  }
}

/** What probes are fed may be the same for several. */
const sharedInputs = (probes: readonly Probe[]): readonly TypedName[] => [...new Map(probes.flatMap((probe) => probe.inputs.map((input) => [input.name, input] as const))).values()];

/** Two bundles may have a part in common, as projections that read the same quantised state do. */
function protosOf(nodes: readonly GraphNode[], rewriter: Rewriter): readonly NodeProto[] {
  return [...new Set(nodes.flatMap((node) => (node.parts ? node.parts.map((part) => part.proto) : [rewriter.proto(node)])))];
}

/** Weights below this may stand in several sessions: scales, biases, small tables that every block reads. */
const SHARED_WEIGHT_BYTES = 1 << 20;

/** Large weights that a session packs for its products. A table that is only looked up is mapped, not packed. */
function weightsOf(nodes: readonly GraphNode[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const node of nodes) {
    if (node.op === 'Gather') continue;
    for (const input of [...node.inputs, ...node.captured]) {
      const bytes = input?.weight ? storedLength(input.weight) : 0;
      if (input && bytes >= SHARED_WEIGHT_BYTES) weights.set(input.name, bytes);
    }
  }
  return weights;
}

function keyOf(stage: Stage): string {
  const hash = createHash('sha1');
  for (const node of stage.nodes) hash.update(`${node.index},`);
  for (const value of stage.carries) hash.update(`>${value.id}`);
  for (const value of stage.feeds) hash.update(`<${value.id}`);
  return hash.digest('hex');
}
