/**
 * Variants of a run, of which only those positions are run that their edit can reach: in stages that treat each position alone these are rows of one batch, one behind the
 * other; attention sees every position, those before the edit as the run without it has them. Behind the last attention the measured position is run alone.
 */
import { CogscopeError } from '../../shared/errors.ts';
import type { Value } from '../onnx/graph.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { BatchRows } from './batchRows.ts';
import type { ChainShape } from './chain.ts';
import type { Plan, Stage } from './plan.ts';
import { gather, pick, scatter } from './positionRows.ts';
import type { RowAt } from './positionRows.ts';
import type { PositionStages } from './positionStages.ts';

export interface PositionsRequest {
  readonly inputs: ReadonlyMap<Value, Tensor>;
  readonly cuts: readonly Value[];
  /** Where the edit lies. */
  readonly cut: Value;
  /** The tensor there, a row of it for each variant. */
  readonly state: Tensor;
  /** By variant, the first position that is edited. */
  readonly first: readonly number[];
  /** Whose logits are wanted; none of `first` is behind it. */
  readonly position: number;
  /** Of the prompt. */
  readonly length: number;
  /** What {@link Program.positionNeeds} names, of the run that is edited; one row. */
  readonly base: ReadonlyMap<Value, Tensor>;
  readonly signal: AbortSignal;
}

export interface PositionContext {
  readonly plan: Plan;
  readonly proof: PositionStages;
  readonly batch: BatchRows;
  readonly logits: Value;
  readonly runStage: (stage: Stage, fed: ReadonlyMap<Value, Tensor>, fetched: readonly Value[]) => Promise<ReadonlyMap<Value, Tensor>>;
}

/** Stages from a cut on. */
const behind = ({ plan }: Pick<PositionContext, 'plan'>, cut: Value): readonly Stage[] => plan.stages.slice(plan.cuts.indexOf(cut) + 1).filter(({ nodes }) => nodes.length > 0);

/**
 * What must be kept of the run that is edited. Null where stages that mix positions hold more than attention: products with weights, or anything that reads or gives
 * what is not a block's queries, keys, values, or z.
 */
export function positionNeeds(context: Pick<PositionContext, 'plan' | 'proof' | 'batch'>, cut: Value, { constant, lookingBack }: ChainShape): readonly Value[] | null {
  const { plan, proof, batch } = context;
  const stages = behind(context, cut);
  const last = stages.at(-1);
  if (!lookingBack || !last || last.index !== plan.stages.length - 1 || !proof.alone.has(last.index)) return null;
  const weighs = ({ nodes }: Stage): boolean => nodes.some(({ op, inputs }) => (op === 'MatMul' || op === 'Gemm') && inputs.some((input) => input !== undefined && constant(input)));
  const projected = new Set(lookingBack.attention.flatMap((one) => one.projected));
  const attended = new Set(lookingBack.attention.map(({ z }) => z));
  const start = plan.cuts.indexOf(cut) + 1;
  const needs = new Set<Value>();
  for (const stage of stages) {
    const isAlone = proof.alone.has(stage.index);
    if (!isAlone && weighs(stage)) return null;
    for (const value of stage.feeds) {
      if (isOfInputs(plan, value)) continue;
      const isOfAlone = plan.stageOf(value) === 0 || proof.alone.has(plan.stageOf(value));
      if (isAlone !== isOfAlone && !(isAlone ? attended : projected).has(value)) return null;
      if (!isAlone && batch.hasRows(value) !== true) return null;
      if (value !== cut && (plan.stageOf(value) < start || (!isAlone && isOfAlone))) needs.add(value);
    }
  }
  return [...needs];
}

/** Made again at any number of rows: by stage 0, and no cut, which may be edited. */
const isOfInputs = (plan: Plan, value: Value): boolean => plan.stageOf(value) <= 0 && !plan.cuts.includes(value);

/** [variants, 1, vocabulary] */
export async function runPositions(context: PositionContext, request: PositionsRequest): Promise<Tensor> {
  const { plan, proof, logits } = context;
  const stages = behind(context, request.cut);
  const lastMixed = Math.max(-1, ...stages.flatMap(({ index }) => (proof.alone.has(index) ? [] : [index])));
  const late = stages.find(({ index }) => index > lastMixed);
  const lastUse = new Map(stages.flatMap((stage) => stage.feeds.map((value) => [value, stage.index])));
  const values = new PositionValues(context, request);
  const ofInputs = new InputValues(context, request, stages);
  for (const stage of stages) {
    // Lets messages in, as between the stages of a run.
    await new Promise((resolve) => setImmediate(resolve));
    if (request.signal.aborted) throw new CogscopeError('cancelled', 'Cancelled');
    if (stage === late) values.leaveMeasured();
    const isAlone = proof.alone.has(stage.index);
    const fed = new Map<Value, Tensor>();
    for (const value of stage.feeds) {
      const given = isOfInputs(plan, value) ? await ofInputs.at(value, isAlone ? values.rows.length : null) : undefined;
      fed.set(value, given ?? (isAlone ? values.atRows(value) : values.whole(value)));
    }
    const fetched = stage.carries.filter((value) => value === logits || (lastUse.get(value) ?? -1) > stage.index);
    for (const [value, tensor] of await context.runStage(stage, fed, fetched)) {
      if (value === logits) return tensor;
      values.set(value, tensor, isAlone);
    }
    values.forget((value) => (lastUse.get(value) ?? -1) <= stage.index);
  }
  throw new CogscopeError('internal', 'The run gave no logits');
}

/** What was made so far, in the two forms that stages read. */
class PositionValues {
  /** In stages that treat each position alone. */
  rows: readonly RowAt[];
  private readonly context: PositionContext;
  private readonly request: PositionsRequest;
  /** At every position of every variant. */
  private readonly all: Map<Value, Tensor>;
  /** At {@link rows}. */
  private readonly parts = new Map<Value, Tensor>();

  constructor(context: PositionContext, request: PositionsRequest) {
    const { first, position, cut, state } = request;
    this.context = context;
    this.request = request;
    this.rows = first.flatMap((from, variant) => Array.from({ length: position - from + 1 }, (_, step) => ({ variant, position: from + step })));
    this.all = new Map([[cut, state]]);
  }

  set(value: Value, tensor: Tensor, isAlone: boolean): void {
    (isAlone ? this.parts : this.all).set(value, tensor);
  }

  forget(isDone: (value: Value) => boolean): void {
    for (const map of [this.all, this.parts]) for (const value of [...map.keys()]) if (isDone(value)) map.delete(value);
  }

  /** Behind the last attention no other position reaches the measured one. */
  leaveMeasured(): void {
    const { rows, parts, request: { position } } = this;
    const left = rows.flatMap((row, index) => (row.position === position ? [index] : []));
    for (const [value, tensor] of parts) parts.set(value, pick(tensor, rows.length, left));
    this.rows = rows.filter((row) => row.position === position);
  }

  atRows(value: Value): Tensor {
    const { rows, request: { first, length } } = this;
    const part = this.parts.get(value);
    if (part) return part;
    const axis = this.context.proof.axes.get(value) ?? 0;
    const all = this.all.get(value);
    if (all) return gather(all, { axis, variants: first.length, length }, rows);
    return gather(this.base(value), { axis, variants: 1, length }, rows.map(({ position }) => ({ variant: 0, position })));
  }

  whole(value: Value): Tensor {
    const { rows, request: { first, length } } = this;
    const all = this.all.get(value);
    if (all) return all;
    const part = this.parts.get(value);
    if (!part) return this.context.batch.repeated(value, this.base(value), first.length);
    return scatter(this.base(value), part, { axis: this.context.proof.axes.get(value) ?? 0, variants: first.length, length }, rows);
  }

  private base(value: Value): Tensor {
    const tensor = this.request.base.get(value);
    if (!tensor) throw new CogscopeError('internal', `"${value.name}" was not kept`);
    return tensor;
  }
}

/** An input with a number for each token. */
const isPerToken = ({ dims }: Tensor, length: number): boolean => dims.length === 2 && dims[1] === length;

/** What stage 0 makes of the inputs: for every position of every variant, or for so many rows of one token, of which only the lengths are used. */
class InputValues {
  private readonly context: PositionContext;
  private readonly request: PositionsRequest;
  private readonly wanted: readonly Value[];
  private readonly made = new Map<number | null, ReadonlyMap<Value, Tensor>>();

  constructor(context: PositionContext, request: PositionsRequest, stages: readonly Stage[]) {
    this.context = context;
    this.request = request;
    this.wanted = [...new Set(stages.flatMap(({ feeds }) => feeds.filter((value) => isOfInputs(context.plan, value))))];
  }

  async at(value: Value, rows: number | null): Promise<Tensor | undefined> {
    const known = this.made.get(rows);
    if (known) return known.get(value);
    const { context: { plan, batch, runStage }, request: { inputs, first, length } } = this;
    const lined = new Map([...inputs].map(([input, tensor]): [Value, Tensor] => {
      const one = rows !== null && isPerToken(tensor, length) ? gather(tensor, { axis: 1, variants: 1, length }, [{ variant: 0, position: 0 }]) : tensor;
      return [input, batch.inputToRows(input, one, rows ?? first.length)];
    }));
    const [stage] = plan.stages;
    const fetched = this.wanted.filter((one) => plan.stageOf(one) === 0);
    const fed = new Map(stage?.feeds.flatMap((input) => [[input, lined.get(input)] as const]).filter((entry): entry is [Value, Tensor] => entry[1] !== undefined));
    const values = new Map([...lined, ...(stage && fetched.length > 0 ? await runStage(stage, fed, fetched) : [])]);
    this.made.set(rows, values);
    return values.get(value);
  }
}
