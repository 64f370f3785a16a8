/** Rows stacked for the model: some hundred tokens a pass, rows of like length together, each filled up to the longest. */
import type { Tensor } from '../ort/tensor.ts';
import { makeTensor } from '../ort/tensor.ts';
import { prepareInputs } from '../program/inputs.ts';
import type { RunRequest } from '../program/program.ts';
import type { IndexedModel, IndexPlan } from './plan.ts';
import { feeds } from './probes/probes.ts';
import type { Row } from './rows.ts';

/**
 * Of a large model more at a time are no faster, and only make a cancel wait. Between two passes of a small one what is kept of each neuron goes through the processor's caches, and its weights
 * out of them: on the stories example 1,024 at a time take a tenth less time.
 */
const PASS_TOKENS = { small: 1024, large: 256 };
/** Positions of a block at most; rows that are not short are filled up to a multiple of a step, so that they have blocks. */
const [BLOCK, STEP, SHORT] = [16, 8, 64];
/** Of the longest row's length; shorter ones would be mostly filling. */
const LEAST_FULL = 0.75;

/** A row with its number in the index. */
export interface NumberedRow {
  readonly id: number;
  readonly row: Row;
}

export interface Pass {
  readonly rows: readonly NumberedRow[];
  readonly length: number;
}

/** The longest rows first; each row is in one pass. */
export function passesOf(rows: readonly NumberedRow[], plan: Pick<IndexPlan, 'pads' | 'fixed' | 'shape' | 'tower' | 'small'>): readonly Pass[] {
  const { pads, shape } = plan;
  const most = plan.small ? PASS_TOKENS.small : PASS_TOKENS.large;
  const sorted = [...rows].sort((a, b) => b.row.ids.length - a.row.ids.length || a.id - b.id);
  const passes: { readonly rows: NumberedRow[]; readonly length: number }[] = [];
  for (const one of sorted) {
    const size = one.row.ids.length;
    const pass = passes.at(-1);
    const fits = pass !== undefined && shape.stackable && (pass.rows.length + 1) * pass.length <= most && size >= (pads ? LEAST_FULL * pass.length : pass.length);
    if (fits) pass.rows.push(one);
    else passes.push({ rows: [one], length: lengthOf(size, plan) });
  }
  return passes.filter((pass) => pass.length > 1 && (pads || pass.rows.every(({ row }) => row.ids.length === pass.length)));
}

/** Of a pass whose longest row has so many tokens. */
function lengthOf(size: number, { pads, fixed, tower }: Pick<IndexPlan, 'pads' | 'fixed' | 'tower'>): number {
  if (fixed !== null) return fixed;
  if (!pads) return size;
  const filled = size <= SHORT ? size : Math.min(Math.ceil(size / STEP) * STEP, Math.max(tower.context ?? Infinity, size));
  // Heads are asked what they attend to besides the first position, so that there must be a second one.
  return Math.max(filled, 2);
}

/** Far below every activation, and no infinity: times zero it stays a number. */
const FLOOR = -3e38;
const INT64 = 7;

/** Positions that are reduced together: of what divides a row the most, up to {@link BLOCK}. */
function blockOf(length: number): number {
  let block = Math.min(BLOCK, length);
  while (length % block !== 0) block--;
  return block;
}

/** What a pass is run on; `sample` are the tokens whose activations are handed out, as indices into rows times positions. */
export function requestOf({ rows, length }: Pass, sample: readonly number[], { model, types, anatomy }: IndexedModel, plan: IndexPlan, signal: AbortSignal | undefined): RunRequest {
  const count = rows.length;
  const ids = new Array<number>(count * length).fill(0);
  const present = new Array<number>(count * length).fill(0);
  const counts = new Float32Array(count * length);
  const floor = new Float32Array(count * length).fill(FLOOR);
  rows.forEach(({ row }, index) => {
    // What fills a row up is its own last token: some id that the vocabulary has.
    ids.fill(row.ids.at(-1) ?? 0, index * length, (index + 1) * length);
    row.ids.forEach((id, at) => (ids[index * length + at] = id));
    present.fill(1, index * length, index * length + row.ids.length);
    row.scored.forEach((scored, at) => {
      if (scored === 0) return;
      counts[index * length + at] = 1;
      floor[index * length + at] = 0;
    });
  });
  const block = blockOf(length);
  const flat = types.of(plan.ids).shape?.length === 1;
  const dims = flat ? [count * length] : [count, length];
  const given = new Map<string, Tensor>([[plan.ids.name, makeTensor(types.of(plan.ids).elemType || INT64, dims, ids)]]);
  if (plan.mask) given.set(plan.mask.name, makeTensor(types.of(plan.mask).elemType || INT64, [count, length], present));
  const { tensors } = prepareInputs(model, types, anatomy, new Map([[plan.tower.name, ids.slice(0, length)]]), {}, given);
  const probeFeeds = new Map<string, Tensor>([
    [feeds.shape, makeTensor(INT64, [3], [count, length, -1])],
    [feeds.counts, { type: 'float32', dims: [1, count * length], data: counts }],
    [feeds.floor, { type: 'float32', dims: [count, length, 1], data: floor }],
    [feeds.headFloor, { type: 'float32', dims: [count, 1, length, 1], data: floor }],
    [feeds.sourceFloor, { type: 'float32', dims: [1, 1, length], data: Float32Array.from({ length }, (_, at) => (at === 0 ? FLOOR : 0)) }],
    [feeds.allSeen, { type: 'bool', dims: [1], data: Uint8Array.of(plan.tower.causal && floor.every((value, at) => value === 0 || at % length === 0) ? 1 : 0) }],
    [feeds.column, makeTensor(INT64, [4], [1, 1, length, 1])],
    [feeds.blocks, makeTensor(INT64, [4], [count, length / block, block, -1])],
    [feeds.block, makeTensor(INT64, [4], [1, 1, block, 1])],
    [feeds.blockSize, makeTensor(INT64, [1], [block])],
    [feeds.headBlocks, makeTensor(INT64, [5], [0, 0, length / block, block, -1])],
    [feeds.sample, makeTensor(INT64, [sample.length], sample)],
  ]);
  return { inputs: tensors, logits: 'none', probeFeeds, ...(signal ? { signal } : {}) };
}
