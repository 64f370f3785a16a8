/**
 * The one loop of all experiments: variants of a run, stacked by what they change first, each run from there on only.
 */
import type { Value } from '../../onnx/graph.ts';
import { float16ToFloat32, toFloat16 } from '../../onnx/halfFloat.ts';
import { copySlab, slabsDiffer, stretches } from '../../analysis/slab.ts';
import type { Selection, Stretch } from '../../analysis/slab.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { Edit, Program } from '../../program/program.ts';
import { tile } from '../../program/tensors.ts';
import { CogscopeError } from '../../../shared/errors.ts';
import type { Base } from './base.ts';
import { logitRows } from './base.ts';

/** What takes the place of an activation. */
export type Replacement =
  /** Of a tensor with the same axes: that of another run, or a mean. With one row, for every row. */
  | { readonly kind: 'tensor'; readonly tensor: Tensor; readonly rows: number }
  | { readonly kind: 'zero' }
  /** What is added, of a tensor with the same axes, in single precision. With one row, to every row. */
  | { readonly kind: 'sum'; readonly tensor: Tensor; readonly rows: number }
  /** `scale` times a direction over the last axis, added. */
  | { readonly kind: 'add'; readonly direction: Float32Array; readonly scale: number };

export interface SlabEdit {
  readonly entry: AddressEntry;
  readonly at: Selection;
  readonly by: Replacement;
}

export interface Variant {
  readonly cell: number;
  readonly edits: readonly SlabEdit[];
}

export interface VariantResult {
  readonly cell: number;
  /** One for each row of the base run. */
  readonly logits: readonly Float32Array[];
  /** An edit changed at least one element. */
  readonly changed: boolean;
  /** What was asked to be tapped, of this variant's rows. */
  readonly taps: ReadonlyMap<Value, Tensor>;
}

export interface VariantsRequest {
  readonly base: Base;
  readonly variants: readonly Variant[];
  readonly position: number;
  /** As the base run had them. */
  readonly cuts: readonly Value[];
  readonly taps?: readonly Value[];
  /** False: only the taps are wanted. */
  readonly logits?: boolean;
  readonly signal: AbortSignal;
  readonly onBatch: (results: readonly VariantResult[]) => void;
}

/** Rows of tokens that are run at once: per variant, more bring nothing, and make the first cells and a cancel wait (house plan, "Batch"). */
const STACKED_TOKENS = 256;

const order = ({ entry }: SlabEdit): number => entry.place.value.producer?.index ?? -1;

/** What a base run must keep for its variants. */
export function needsOf(program: Program, edited: readonly AddressEntry[], cuts: readonly Value[]): readonly Value[] {
  return [...new Set(edited.flatMap((entry) => {
    const { value, crossing } = startFor(program, entry, cuts);
    return [entry.place.value, value, ...crossing, ...program.positionNeeds(entry.place.value, cuts) ?? []];
  }))];
}

/**
 * Where a run starts whose first edit is at `entry`: there; where that cannot be, at the state before its block, or before all blocks.
 */
function startFor(program: Program, entry: AddressEntry, cuts: readonly Value[]): { readonly value: Value; readonly crossing: readonly Value[] } {
  const block = entry.tower.blocks.find(({ index }) => index === entry.layer);
  for (const value of [entry.place.value, ...(block ? [block.start.value] : []), ...program.shape.cuts.slice(0, 1)]) {
    const crossing = program.crossing(value, cuts);
    if (crossing) return { value, crossing };
  }
  throw new CogscopeError('refused', `Nothing can be run from ${entry.address} on`, 'Choose another site');
}

export async function runVariants(program: Program, request: VariantsRequest): Promise<void> {
  const { base, variants, onBatch } = request;
  const sorted = variants.map((variant) => ({ ...variant, edits: [...variant.edits].sort((a, b) => order(a) - order(b)) }));
  const groups = new Map<Value | undefined, Variant[]>();
  for (const variant of sorted) {
    const start = variant.edits[0]?.entry.place.value;
    const group = groups.get(start);
    if (group) group.push(variant);
    else groups.set(start, [variant]);
  }
  const tokens = Math.max(1, ...[...base.tokens.values()].map((list) => list.length));
  const most = program.shape.stackable ? Math.max(1, Math.floor(STACKED_TOKENS / (tokens * base.rows))) : 1;
  // The last ones first: they run least, so that the first cells are there soonest.
  for (const [, group] of [...groups].sort(([a], [b]) => (b?.producer?.index ?? -1) - (a?.producer?.index ?? -1))) {
    const [idle, busy] = [group.filter((variant) => !changes(variant, base)), group.filter((variant) => changes(variant, base))];
    if (idle.length > 0) onBatch(idle.map(({ cell }) => ({ cell, logits: base.logits, changed: false, taps: base.kept })));
    const rest = await runReached(program, request, busy);
    for (let first = 0; first < rest.length; first += most) onBatch(await runBatch(program, request, rest.slice(first, first + most)));
  }
}

/** Tokens that attention sees at once: more would cost more to put together than they bring. */
const SEEN_TOKENS = 2 * STACKED_TOKENS;

/** Runs variants of one place at the positions that they reach, and hands back those that cannot be run so. */
async function runReached(program: Program, request: VariantsRequest, variants: readonly Variant[]): Promise<readonly Variant[]> {
  const { base, cuts, position, taps = [], logits = true, onBatch } = request;
  const entry = variants[0]?.edits[0]?.entry;
  const isPlain = base.rows === 1 && taps.length === 0 && logits && variants.every(({ edits }) => edits.length === 1);
  if (!entry || !isPlain || !program.positionNeeds(entry.place.value, cuts)) return variants;
  const length = base.tokens.get(entry.tower.name)?.length ?? 0;
  const reached = variants.map((variant): Reaching => ({ ...variant, first: firstOf(variant.edits[0] as SlabEdit, base, length) }));
  const late = reached.filter(({ first }) => first > position);
  if (late.length > 0) onBatch(late.map(({ cell }) => ({ cell, logits: base.logits, changed: true, taps: new Map() })));
  for (const batch of batches(reached.filter(({ first }) => first <= position), position, length)) onBatch(await runPositions(program, request, batch, length));
  return [];
}

interface Reaching extends Variant {
  /** The first position that it changes. */
  readonly first: number;
}

/** As many variants one behind the other as are run at once. */
function batches(variants: readonly Reaching[], position: number, length: number): readonly (readonly Reaching[])[] {
  const made: Reaching[][] = [];
  let rows = 0;
  for (const variant of variants) {
    const [batch, own] = [made.at(-1), position - variant.first + 1];
    const isFull = !batch || rows + own > STACKED_TOKENS || (batch.length + 1) * length > SEEN_TOKENS;
    if (isFull) made.push([variant]);
    else batch.push(variant);
    rows = isFull ? own : rows + own;
  }
  return made;
}

/** The first position that an edit changes. */
function firstOf({ entry, at, by }: SlabEdit, base: Base, length: number): number {
  if (at.position !== undefined) return at.position < 0 ? length + at.position : at.position;
  const kept = keptOf(base, entry.place.value);
  const found = Array.from({ length }, (_, position) => position).find((position) => differs({ entry, at: { ...at, position }, by }, kept, { base, row: 0, of: 1, baseRow: 0 }));
  return found ?? 0;
}

async function runPositions(program: Program, { base, cuts, position, signal }: VariantsRequest, batch: readonly Reaching[], length: number): Promise<readonly VariantResult[]> {
  const value = (batch[0]?.edits[0] as SlabEdit).entry.place.value;
  const state = editOf(value, batch, base, batch.map(() => false)).apply(tile(keptOf(base, value), batch.length), 0);
  const logits = await program.runPositions({ inputs: base.inputs, cuts, cut: value, state, first: batch.map(({ first }) => first), position, length, base: base.kept, signal });
  const rows = logitRows(logits, batch.length);
  return batch.map(({ cell }, index) => ({ cell, logits: rows.slice(index, index + 1), changed: true, taps: new Map() }));
}

/** Whether a variant differs from its base run at all. */
function changes({ edits }: Variant, base: Base): boolean {
  return edits.some((edit) => {
    const kept = base.kept.get(edit.entry.place.value);
    return !kept || Array.from({ length: base.rows }, (_, row) => differs(edit, kept, { base, row, of: base.rows, baseRow: row })).some(Boolean);
  });
}

async function runBatch(program: Program, { base, position, cuts, taps = [], logits = true, signal }: VariantsRequest, batch: readonly Variant[]): Promise<readonly VariantResult[]> {
  const [first] = batch[0]?.edits ?? [];
  if (!first) return [];
  const { value, crossing } = startFor(program, first.entry, cuts);
  const rows = batch.length * base.rows;
  const changed = batch.map(() => false);
  const edited = new Map<Value, Edit>();
  for (const { entry } of batch.flatMap(({ edits }) => edits)) edited.set(entry.place.value, editOf(entry.place.value, batch, base, changed));
  const state = tile(keptOf(base, value), batch.length);
  const atStart = edited.get(value);
  edited.delete(value);
  const output = await program.run({
    inputs: base.inputs,
    from: { cut: value, state: atStart ? atStart.apply(state, 0) : state, rows, crossing: new Map(crossing.map((one) => [one, keptOf(base, one)])), crossingRows: base.rows },
    cuts, edits: [...edited.values()], taps, logits: logits ? [position] : 'none', signal,
  });
  const all = logits ? logitRows(output.logits, rows) : [];
  return batch.map(({ cell }, index) => ({
    cell, changed: changed[index] ?? false,
    logits: all.slice(index * base.rows, (index + 1) * base.rows),
    taps: new Map([...output.taps].map(([tap, tensor]) => [tap, part(tensor, index, batch.length)])),
  }));
}

function part(tensor: Tensor, index: number, of: number): Tensor {
  const size = tensor.data.length / of;
  return { ...tensor, dims: [(tensor.dims[0] ?? 1) / of, ...tensor.dims.slice(1)], data: tensor.data.slice(index * size, (index + 1) * size) };
}

function keptOf(base: Base, value: Value): Tensor {
  const tensor = base.kept.get(value);
  if (!tensor) throw new CogscopeError('internal', `"${value.name}" was not kept`);
  return tensor;
}

/** The edit of one tensor for all variants of a batch, each in its own rows. */
function editOf(value: Value, batch: readonly Variant[], base: Base, changed: boolean[]): Edit {
  return {
    value,
    apply: (tensor, firstRow) => {
      const copy: Tensor = { ...tensor, data: tensor.data.slice() };
      // Variants that are run one by one come a row at a time.
      const perRow = (base.kept.get(value)?.data.length ?? tensor.data.length) / base.rows;
      const of = Math.round(tensor.data.length / perRow);
      for (let row = 0; row < of; row++) {
        const index = Math.floor((firstRow + row) / base.rows);
        for (const edit of batch[index]?.edits ?? []) {
          if (edit.entry.place.value !== value) continue;
          if (apply(edit, copy, { base, row, of, baseRow: (firstRow + row) % base.rows })) changed[index] = true;
        }
      }
      return copy;
    },
  };
}

interface RowPlace {
  readonly base: Base;
  readonly row: number;
  /** Rows of the tensor. */
  readonly of: number;
  readonly baseRow: number;
}

/** Applies an edit to one row; whether that changed an element. */
function apply({ entry, at, by }: SlabEdit, tensor: Tensor, { base, row, of, baseRow }: RowPlace): boolean {
  const pos = base.tokens.get(entry.tower.name)?.length ?? null;
  const to = stretches(tensor, entry.place, { batch: of, pos }, row, at);
  switch (by.kind) {
    case 'tensor':
      return copySlab(tensor, to, by.tensor, stretches(by.tensor, entry.place, { batch: by.rows, pos }, by.rows === 1 ? 0 : baseRow, at));
    case 'sum': {
      const from = stretches(by.tensor, entry.place, { batch: by.rows, pos }, by.rows === 1 ? 0 : baseRow, at);
      return map(tensor, to, (value, step, index) => value + Number(by.tensor.data[(from[index]?.from ?? 0) + step] ?? 0));
    }
    case 'zero':
      return map(tensor, to, () => 0);
    case 'add':
      return map(tensor, to, (value, step) => value + by.scale * (by.direction[step % by.direction.length] ?? 0));
    default:
      return by satisfies never;
  }
}

/** Whether an edit would change a row. */
function differs({ entry, at, by }: SlabEdit, tensor: Tensor, { base, row, of }: RowPlace): boolean {
  const pos = base.tokens.get(entry.tower.name)?.length ?? null;
  const places = stretches(tensor, entry.place, { batch: of, pos }, row, at);
  switch (by.kind) {
    case 'tensor':
      return slabsDiffer(tensor, places, by.tensor, stretches(by.tensor, entry.place, { batch: by.rows, pos }, by.rows === 1 ? 0 : row, at));
    case 'sum':
      return stretches(by.tensor, entry.place, { batch: by.rows, pos }, by.rows === 1 ? 0 : row, at).some(({ from, length }) => by.tensor.data.subarray(from, from + length).some((value) => Number(value) !== 0));
    case 'zero':
      return places.some(({ from, length }) => tensor.data.subarray(from, from + length).some((value) => Number(value) !== 0));
    case 'add':
      return by.scale !== 0 && by.direction.some((value) => value !== 0);
    default:
      return by satisfies never;
  }
}

/** Changes elements by a rule of their value, their step in a stretch and its index; half precision is opened and closed again. */
function map(tensor: Tensor, places: readonly Stretch[], rule: (value: number, step: number, index: number) => number): boolean {
  const { data } = tensor;
  let changed = false;
  for (const [at, { from, length }] of places.entries()) {
    for (let step = 0; step < length; step++) {
      const index = from + step;
      const before = data[index];
      if (data instanceof Float32Array || data instanceof Float64Array) data[index] = rule(data[index] ?? 0, step, at);
      else if (tensor.type === 'float16' && data instanceof Uint16Array) data[index] = toFloat16([rule(float16ToFloat32(data.subarray(index, index + 1))[0] ?? 0, step, at)])[0] ?? 0;
      else throw new CogscopeError('refused', `Activations of type ${tensor.type} cannot be edited`, 'Export the model in float32 or float16');
      changed ||= data[index] !== before;
    }
  }
  return changed;
}
