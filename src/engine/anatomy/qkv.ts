/** From an operand of an attention product back to the query, key or value that the projection made. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { Dim } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { AxisTracker } from './axes.ts';
import { sizeOf } from './operands.ts';
import type { Origin } from './origin.ts';
import { isProduct, isProjection } from './projection.ts';
import type { Atom, Carries, Place } from './types.ts';
import { dominator, nodesBetween, unalias } from './walk.ts';

export interface Part {
  /** What the projection gave: the earliest tensor in which heads stand apart and nothing else was done to it; null where none was found. */
  readonly place: Place | null;
  /** Set where grouped heads are repeated on the way. */
  readonly repeats: { readonly kvHeads: number | null } | undefined;
  /** A position-dependent rotation lies on the way. */
  readonly rotary: boolean;
}

/**
 * Walks back from `operand` to the projection. Rearrangements keep the axes in view; the repetition of grouped heads
 * turns `head` into `kv`; a rotation keeps the shape and is jumped over to the value that all its paths come from.
 */
export function tracePart(operand: Place, tracker: AxisTracker, types: TypeTable, origin: Origin, carries: Carries, known: ReadonlyMap<Atom, Dim>): Part {
  const sizes = new Map([...ownSizes(operand, types), ...known, ...ownHeads(operand, types)]);
  let current: Place = operand;
  let best: Place | null = separates(operand) ? operand : null;
  let repeats: Part['repeats'];
  let rotary = false;
  for (;;) {
    const producer = current.value.producer;
    if (!producer || isProduct(producer) || addsBias(producer, origin)) break;
    const repeated = repeats ? undefined : beforeRepeat(producer, types);
    if (repeated) {
      const kv = types.of(repeated).shape?.[1];
      if (kv) sizes.set('kv', kv);
      repeats = { kvHeads: asNumber(kv) ?? null };
      current = { value: repeated, layout: [['batch'], ['kv'], [operand.layout.flat().includes('src') ? 'src' : 'pos'], ['dHead']] };
    } else {
      const rearranged = tracker.before(producer, current.layout, sizes);
      const step = rearranged ?? jump(current, types, carries);
      if (!step) break;
      rotary ||= !rearranged && rotates(step.value, current, types, origin, carries);
      current = step;
    }
    if (separates(current)) best = current;
  }
  return { place: projected(best, current, sizes, origin, carries), repeats, rotary };
}

/**
 * What the projection gave, where the walk came that far: the tensor in which heads stand apart, or, where a scale (OPT) or a norm
 * comes before heads are split, the tensor before.
 */
function projected(best: Place | null, earliest: Place, sizes: ReadonlyMap<Atom, Dim>, origin: Origin, carries: Carries): Place | null {
  if (!isProjected(earliest.value, origin, carries)) return null;
  const isSame = best && nodesBetween(earliest.value, best.value).every((node) => isPicking(node, origin));
  return isSame ? best : withVectors(earliest, sizes);
}

/** What its own shape tells, where that of the mixed values does not. */
function ownSizes({ value, layout }: Place, types: TypeTable): readonly (readonly [Atom, Dim])[] {
  const shape = types.of(value).shape;
  return layout.flatMap(([atom, ...more], axis) => {
    const dim = shape?.[axis];
    return atom && more.length === 0 && dim ? [[atom, dim] as const] : [];
  });
}

/** One key head for all has an axis of one, whatever the number of heads that use it. */
function ownHeads({ value, layout }: Place, types: TypeTable): readonly (readonly [Atom, Dim])[] {
  const heads = sizeOf(layout, types.of(value).shape, 'head');
  return heads ? [['head', heads]] : [];
}

/** A tensor whose last axis holds heads and their vectors. */
function withVectors(place: Place, sizes: ReadonlyMap<Atom, Dim>): Place | null {
  const length = asNumber(sizes.get('dHead'));
  return length === undefined ? null : { ...place, within: new Map([['dHead', length]]) };
}

/** Operators that pick and arrange parts of what a projection gave. */
const picking: ReadonlySet<string> = new Set(['Split', 'Slice', 'Gather', 'GatherND', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity', 'Cast', 'Dropout']);

/** Picks, arranges, or adds the projection's bias. */
function isPicking(node: GraphNode, origin: Origin): boolean {
  return picking.has(node.op) || (node.op === 'Add' && node.inputs.some((input) => input !== undefined && origin.isConstant(input)));
}

/** Whether a value is what a projection gave, its bias included, and nothing else was done to it. */
function isProjected(value: Value, origin: Origin, carries: Carries): boolean {
  let current: Value | undefined = value;
  while (current?.producer) {
    const { producer }: Value = current;
    if (isProduct(producer)) return isProjection(producer, origin);
    if (!isPicking(producer, origin)) return false;
    current = producer.inputs.find((input) => input !== undefined && carries(input));
  }
  return false;
}

/** A learnt bias that is added to what a product by head gave belongs to the projection. */
function addsBias(node: GraphNode, origin: Origin): boolean {
  const makers = node.inputs.map((input) => input && unalias(input).producer);
  return node.op === 'Add' && node.inputs.some((input) => input !== undefined && origin.isConstant(input)) && makers.some((maker) => maker !== undefined && isProduct(maker));
}

/** Heads and their vectors are axes of their own (batch may share an axis with heads). */
function separates(place: Place): boolean {
  return place.layout.some((axis) => axis.length === 1 && axis[0] === 'dHead')
    && place.layout.some((axis) => axis.includes('head') || axis.includes('kv'))
    && place.layout.every((axis) => axis.length === 1 || !(axis.includes('pos') || axis.includes('src')));
}

/** Over a rotation or a norm: back to the nearest value that all paths come from and that has the same shape. */
function jump(current: Place, types: TypeTable, carries: Carries): Place | undefined {
  const after = types.of(current.value).shape;
  for (let source = dominator(current.value, carries, isProduct); source && after; source = dominator(source, carries, isProduct)) {
    const before = types.of(source).shape;
    const same = before?.length === after.length && before.every((dim, axis) => asNumber(dim) === asNumber(after[axis]));
    if (same) return { value: source, layout: current.layout };
    if (source.producer && isProduct(source.producer)) return undefined;
  }
  return undefined;
}

/** Whether something that depends on positions, and not on the stream, is multiplied in between. */
function rotates(from: Value, { value: to, layout }: Place, types: TypeTable, origin: Origin, carries: Carries): boolean {
  const place = layout.findIndex((axis) => axis.includes('pos') || axis.includes('src')) - layout.length;
  // In a file of one fixed length the table of rotations was computed when it was exported: it has a row for each position.
  const byPosition = (value: Value): boolean => !origin.isConstant(value) || (asNumber(types.of(value).shape?.at(place)) ?? 1) > 1;
  return nodesBetween(from, to).some((node) => node.op === 'Mul' && node.inputs.some((input) => input !== undefined && !carries(input) && byPosition(input)));
}

/** `Reshape(Expand(Unsqueeze(x, 2)))`: x, the keys or values before grouped heads are repeated. */
function beforeRepeat(node: GraphNode, types: TypeTable): Value | undefined {
  if (node.op !== 'Reshape') return undefined;
  const maker = (value: Value | undefined): GraphNode | undefined => value && unalias(value).producer;
  const expand = maker(node.inputs[0]);
  const unsqueeze = expand?.op === 'Expand' ? maker(expand.inputs[0]) : undefined;
  const source = unsqueeze?.op === 'Unsqueeze' ? unsqueeze.inputs[0] : undefined;
  if (!source) return undefined;
  const shape = types.of(source).shape;
  const made = node.outputs[0] && types.of(node.outputs[0]).shape;
  // Folded with the next reshape, batch and heads are one axis.
  return shape?.length === 4 && (made?.length === 4 || made?.length === 3) ? source : undefined;
}
