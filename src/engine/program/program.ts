/**
 * The program: a model as a chain of stages that is walked, tapped, edited between stages, started at any cut and
 * stopped between any two.
 */
import type { OnnxModel } from '../onnx/model.ts';
import type { Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { NodeProto } from '../onnx/proto/onnx_pb.js';
import type { OptimizationLevel } from '../ort/session.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { TypedName } from '../onnx/slim.ts';
import { CogscopeError } from '../../shared/errors.ts';
import { BatchRows } from './batchRows.ts';
import { planChain } from './chain.ts';
import type { ChainShape } from './chain.ts';
import type { Plan, Stage } from './plan.ts';
import { runOneByOne } from './oneByOne.ts';
import { positionNeeds, runPositions } from './positionRun.ts';
import type { PositionsRequest } from './positionRun.ts';
import { positionStages } from './positionStages.ts';
import type { PositionStages } from './positionStages.ts';
import { StageSessions } from './sessions.ts';
import { take } from './tensors.ts';

export interface ProgramOptions {
  readonly threads: number;
  readonly level: OptimizationLevel;
  readonly weightBudget: number;
  /** Sessions keep their working memory between runs, until they are released. */
  readonly keepsMemory?: boolean;
  /** Computed in every run that goes far enough. */
  readonly probes?: readonly Probe[];
}

/**
 * Nodes of our own in the stage that makes a value, for what is wanted of it and is far smaller than itself: the value never leaves the
 * runtime. All names but the value's are the probes' own.
 */
export interface Probe {
  readonly value: Value;
  readonly nodes: readonly NodeProto[];
  /** Fed by each run, under the names that {@link RunRequest.probeFeeds} has. */
  readonly inputs: readonly TypedName[];
  readonly outputs: readonly TypedName[];
}

/** Replaces a tensor between two stages. The value must be a cut, or becomes one for this run. */
export interface Edit {
  readonly value: Value;
  /** `row` is the variant that the tensor's first row belongs to: not 0 where variants are run one by one. */
  readonly apply: (tensor: Tensor, row: number) => Tensor;
}

/** Starts the chain behind a cut instead of at the inputs. */
export interface Start {
  /** One of {@link ChainShape.cuts}, or any tensor of the stream, which becomes a cut for this run. */
  readonly cut: Value;
  /** The state there: `rows` rows, where the inputs have one row each or as many. */
  readonly state: Tensor;
  readonly rows: number;
  /** What {@link Program.crossing} names, as a run before kept it; repeated up to `rows`. */
  readonly crossing?: ReadonlyMap<Value, Tensor>;
  /** The rows of that run; 1 if nothing is said. */
  readonly crossingRows?: number;
}

export interface RunRequest {
  /** By graph input. Rows of the first axis are the batch. */
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly from?: Start;
  readonly edits?: readonly Edit[];
  /** Further cuts, though nothing starts or is edited there: runs with the same cuts use the same sessions, and so give the same numbers bit for bit. */
  readonly cuts?: readonly Value[];
  /** Tensors to keep: taps of the chain, cuts or inputs. */
  readonly taps?: readonly Value[];
  /** Taps are told by `onStage` and not kept: all layers' patterns need not be in memory at once. */
  readonly passing?: boolean;
  /** Which positions of the logits: all, these, or none (the chain then stops after the last cut or tap). */
  readonly logits?: 'all' | 'none' | readonly number[];
  /** What the probes are fed; without it none is computed. */
  readonly probeFeeds?: ReadonlyMap<string, Tensor>;
  readonly signal?: AbortSignal | undefined;
  readonly onStage?: (progress: StageProgress) => void;
}

export interface StageProgress {
  readonly stage: number;
  readonly stages: number;
  /** Taps that this stage made. */
  readonly taps: ReadonlyMap<Value, Tensor>;
  readonly ms: number;
}

export interface RunOutput {
  readonly taps: ReadonlyMap<Value, Tensor>;
  readonly logits: Tensor | null;
  readonly stages: number;
  /** What the probes made, by name. */
  readonly probed: ReadonlyMap<string, Tensor>;
}

export class Program {
  readonly shape: ChainShape;
  private readonly model: OnnxModel;
  private readonly types: TypeTable;
  private readonly sessions: StageSessions;
  private readonly batch: BatchRows;
  private readonly probes: readonly Probe[];
  private readonly plans = new Map<string, Plan>();
  private readonly proofs = new WeakMap<Plan, PositionStages>();

  constructor(model: OnnxModel, types: TypeTable, shape: ChainShape, options: ProgramOptions) {
    this.shape = shape;
    this.types = types;
    this.model = model;
    this.probes = options.probes ?? [];
    this.sessions = new StageSessions(model, types, options);
    this.batch = new BatchRows(types, shape.content);
  }

  get sessionCount(): number {
    return this.sessions.count;
  }

  release(): Promise<void> {
    return this.sessions.release();
  }

  /**
   * Walks the chain. Rejects with 'cancelled' between stages when the signal is aborted. Variants that must not be stacked are run
   * one by one and handed back as if they had been.
   */
  async run(request: RunRequest): Promise<RunOutput> {
    const count = request.from?.rows ?? 1;
    return !this.shape.stackable && count > 1 ? await runOneByOne(request, count, this.shape, (one, row) => this.walk(one, row)) : await this.walk(request, 0);
  }

  /** Inputs of one row for so many variants. */
  stacked(inputs: ReadonlyMap<Value, Tensor>, rows: number): ReadonlyMap<Value, Tensor> {
    return new Map([...inputs].map(([value, tensor]) => [value, this.batch.inputToRows(value, tensor, rows)]));
  }

  /**
   * What crosses a start at `cut` from stages that are skipped: the caller's run before must keep it, and the start be given it. Null where a
   * stage behind reads something that cannot be made again for more rows (a shape that lies in the block): then start at the block's own state and edit there.
   */
  crossing(cut: Value, cuts: readonly Value[] = []): readonly Value[] | null {
    const plan = this.planFor([cut, ...cuts]);
    const start = plan.cuts.indexOf(cut) + 1;
    // Stage 0 is run again, but a cut that it makes may have been edited in the run before.
    const isSkipped = (value: Value): boolean => plan.stageOf(value) < start && (plan.stageOf(value) > 0 || plan.cuts.includes(value));
    const skipped = plan.stages.slice(start).flatMap((stage) => stage.feeds).filter((value) => value !== cut && isSkipped(value));
    const values = [...new Set(skipped)];
    return values.every((value) => this.batch.hasRows(value) !== undefined) ? values : null;
  }

  /** Cuts between which {@link runPositions} works, where it does; none where it does not. */
  positionCuts(cuts: readonly Value[]): readonly Value[] {
    const own = this.shape.stackable ? this.shape.lookingBack?.attention.flatMap(({ projected, z }) => [...projected, z]) ?? [] : [];
    const [first] = this.shape.blockCuts;
    return first && own.length > 0 && this.positionNeeds(first, [...cuts, ...own]) !== null ? own : [];
  }

  /** What a run must keep so that variants of it, edited at `cut`, can be run at the positions alone that the edit reaches; null where they cannot. */
  positionNeeds(cut: Value, cuts: readonly Value[]): readonly Value[] | null {
    const { lookingBack, stackable } = this.shape;
    if (!lookingBack || !stackable) return null;
    const plan = this.planFor([cut, ...cuts]);
    return positionNeeds({ plan, proof: this.positionsOf(plan), batch: this.batch }, cut, this.shape);
  }

  /** Logits of variants at one position: [variants, 1, vocabulary]. */
  async runPositions(request: PositionsRequest): Promise<Tensor> {
    const plan = this.planFor([request.cut, ...request.cuts]);
    const { logits, rewriter } = this.shape;
    if (!logits) throw new CogscopeError('internal', 'The model has no logits');
    return runPositions({
      plan, proof: this.positionsOf(plan), batch: this.batch, logits,
      runStage: async (stage, fed, fetched) => {
        const named = new Map([...fed].map(([value, tensor]) => [value.name, tensor]));
        const outputs = await this.sessions.run({ stage, probes: [] }, rewriter, fed, named, fetched.map(({ name }) => name));
        this.model.assertUnchanged();
        return new Map(fetched.flatMap((value): [Value, Tensor][] => {
          const tensor = outputs.get(value.name);
          return tensor ? [[value, tensor]] : [];
        }));
      },
    }, request);
  }

  private positionsOf(plan: Plan): PositionStages {
    const known = this.proofs.get(plan);
    if (known) return known;
    const proof = positionStages(plan, this.types, this.shape);
    this.proofs.set(plan, proof);
    return proof;
  }

  private async walk(request: RunRequest, row: number): Promise<RunOutput> {
    const edits = new Map((request.edits ?? []).map((edit) => [edit.value, edit]));
    const start = request.from?.cut;
    const plan = this.planFor([...(start ? [start] : []), ...edits.keys(), ...request.cuts ?? []]);
    const taps = new Set(request.taps ?? []);
    const kept = new Map<Value, Tensor>();
    const env = new Map<Value, Tensor>(this.initial(request, edits, row));
    const keep = (value: Value, tensor: Tensor): void => {
      if (taps.has(value)) kept.set(value, tensor);
    };
    for (const [value, tensor] of env) keep(value, tensor);
    const walk = this.stagesToRun(plan, request, taps);
    const lastUse = new Map(walk.flatMap((stage) => stage.feeds.map((value) => [value, stage.index])));
    const probed = new Map<string, Tensor>();
    let logits: Tensor | null = null;
    let done = 0;
    for (const stage of walk) {
      await pause();
      if (request.signal?.aborted) throw new CogscopeError('cancelled', 'Cancelled');
      const started = performance.now();
      const made = await this.runStage(plan, stage, { env, taps, request, lastUse, probed });
      const fresh = new Map<Value, Tensor>();
      for (const [value, tensor] of made) {
        // A tap shows what flows on, so the edit comes first.
        const edited = edits.get(value)?.apply(tensor, row) ?? tensor;
        if (value === this.shape.logits) logits = edited;
        env.set(value, edited);
        if (taps.has(value)) fresh.set(value, edited);
      }
      if (!request.passing) for (const [value, tensor] of fresh) kept.set(value, tensor);
      forget(stage, lastUse, env);
      done++;
      request.onStage?.({ stage: done, stages: walk.length, taps: fresh, ms: performance.now() - started });
    }
    return { taps: kept, logits, stages: walk.length, probed };
  }

  /** The inputs, tiled to the rows of a given state, what crosses from skipped stages, edited where an edit is asked for, and the state itself. */
  private initial(request: RunRequest, edits: ReadonlyMap<Value, Edit>, row: number): ReadonlyMap<Value, Tensor> {
    const { from } = request;
    if (!from) return request.inputs;
    const env = new Map<Value, Tensor>();
    for (const [value, tensor] of this.stacked(request.inputs, from.rows)) env.set(value, tensor);
    for (const [value, tensor] of from.crossing ?? []) {
      const repeated = this.batch.repeated(value, tensor, from.rows / (from.crossingRows ?? 1));
      env.set(value, edits.get(value)?.apply(repeated, row) ?? repeated);
    }
    env.set(from.cut, from.state);
    return env;
  }

  /**
   * From the inputs: every stage up to the last that is asked for. From a cut: stage 0, for what depends on the inputs
   * alone at the new batch size, then the stages behind the cut.
   */
  private stagesToRun(plan: Plan, request: RunRequest, taps: ReadonlySet<Value>): readonly Stage[] {
    const all = plan.stages.filter((stage) => stage.nodes.length > 0);
    const start = request.from ? plan.cuts.indexOf(request.from.cut) + 1 : 0;
    const wantsLogits = request.logits !== 'none' && this.shape.logits !== undefined;
    const wanted = [...taps, ...(request.probeFeeds ? this.probes.map((probe) => probe.value) : [])];
    const last = wantsLogits ? plan.stages.length - 1 : Math.max(start, ...wanted.map((value) => plan.stageOf(value)));
    const behind = all.filter((stage) => stage.index >= start && stage.index <= last);
    const first = plan.stages[0];
    const given = givenTo(request);
    return start > 0 && first && behind.some((stage) => stage.feeds.some((value) => plan.stageOf(value) === 0 && !given.has(value)))
      ? [first, ...behind.filter((stage) => stage !== first)]
      : behind;
  }

  private async runStage(plan: Plan, stage: Stage, { env, taps, request, lastUse, probed }: Walk): Promise<ReadonlyMap<Value, Tensor>> {
    const isLast = stage.index === plan.stages.length - 1;
    const isNeeded = (value: Value): boolean =>
      taps.has(value) || (value === this.shape.logits && request.logits !== 'none') || (lastUse.get(value) ?? -1) > stage.index;
    // What was given must not be overwritten by stage 0's own.
    const given = givenTo(request);
    const fetched = stage.carries.filter((value) => isNeeded(value) && !given.has(value));
    const probes = request.probeFeeds ? this.probes.filter((probe) => plan.stageOf(probe.value) === stage.index) : [];
    if (fetched.length === 0 && probes.length === 0) return new Map();
    const positions = isLast && Array.isArray(request.logits) ? (request.logits as readonly number[]) : undefined;
    const slice = positions !== undefined && this.shape.tailByPosition && fetched.every((value) => value === this.shape.logits);
    const fed = new Map<Value, Tensor>();
    for (const value of stage.feeds) {
      const tensor = env.get(value);
      if (!tensor) throw new CogscopeError('usage', `Input "${value.name}" is missing`, 'Give it by name');
      fed.set(value, slice && value === plan.cuts.at(-1) ? take(tensor, 1, positions) : tensor);
    }
    const named = new Map([...fed].map(([value, tensor]) => [value.name, tensor]));
    for (const { name } of probes.flatMap((probe) => probe.inputs)) {
      const tensor = request.probeFeeds?.get(name);
      if (tensor) named.set(name, tensor);
    }
    const fetches = [...fetched.map((value) => value.name), ...probes.flatMap((probe) => probe.outputs.map(({ name }) => name))];
    const outputs = await this.sessions.run({ stage, probes }, this.shape.rewriter, fed, named, fetches);
    this.model.assertUnchanged();
    for (const { name } of probes.flatMap((probe) => probe.outputs)) {
      const tensor = outputs.get(name);
      if (tensor) probed.set(name, tensor);
    }
    const made = new Map<Value, Tensor>();
    for (const value of fetched) {
      const tensor = outputs.get(value.name);
      if (tensor) made.set(value, positions && !slice && value === this.shape.logits ? take(tensor, 1, positions) : tensor);
    }
    return made;
  }

  private planFor(extra: readonly Value[]): Plan {
    const { blockCuts } = this.shape;
    const added = [...new Set(extra)].filter((value) => !blockCuts.includes(value));
    const key = added.map((value) => value.id).sort((a, b) => a - b).join();
    const known = this.plans.get(key);
    if (known) return known;
    const plan = planChain(this.types.graph, this.shape, added.length === 0 ? blockCuts : this.cutsWith(added), this.probes.map(({ value }) => value));
    this.plans.set(key, plan);
    return plan;
  }

  /** Further cuts before the cut that ends the stage that makes them. */
  private cutsWith(added: readonly Value[]): readonly Value[] {
    const { stageOf } = this.planFor([]);
    const inOrder = [...added].sort((a, b) => (a.producer?.index ?? -1) - (b.producer?.index ?? -1));
    return [...this.shape.blockCuts, undefined].flatMap((cut, stage) => [...inOrder.filter((value) => stageOf(value) === stage), ...(cut ? [cut] : [])]);
  }
}

/** A run under way. */
interface Walk {
  readonly env: ReadonlyMap<Value, Tensor>;
  readonly taps: ReadonlySet<Value>;
  readonly request: RunRequest;
  /** The last stage that is fed each value. */
  readonly lastUse: ReadonlyMap<Value, number>;
  readonly probed: Map<string, Tensor>;
}

/** What a start hands in. */
const givenTo = ({ from }: RunRequest): ReadonlySet<Value> => new Set(from ? [from.cut, ...from.crossing?.keys() ?? []] : []);

/** Drops what no later stage of the walk reads. */
function forget(stage: Stage, lastUse: ReadonlyMap<Value, number>, env: Map<Value, Tensor>): void {
  for (const value of [...env.keys()]) if ((lastUse.get(value) ?? -1) <= stage.index) env.delete(value);
}

/** Lets messages in between stages: a native run blocks the event loop, and a cancel could not be heard otherwise. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
