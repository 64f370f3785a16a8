/** From an operand of an attention product back to the query, key or value that the projection made. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { Dim } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { AxisTracker } from './axes.ts';
import type { Origin } from './origin.ts';
import { isProduct } from './projection.ts';
import type { Atom, Carries, Place } from './types.ts';
import { dominator, nodesBetween, unalias } from './walk.ts';

export interface Part {
  /** The earliest tensor in which heads stand apart; null where none was found. */
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
  const sizes = new Map(known);
  let current: Place = operand;
  let best: Place | null = separates(operand) ? operand : null;
  let repeats: Part['repeats'];
  let rotary = false;
  for (;;) {
    const producer = current.value.producer;
    if (!producer || isProduct(producer)) break;
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
      rotary ||= !rearranged && rotates(step.value, current.value, types, origin, carries);
      current = step;
    }
    if (separates(current)) best = current;
  }
  return { place: best, repeats, rotary };
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
function rotates(from: Value, to: Value, types: TypeTable, origin: Origin, carries: Carries): boolean {
  // In a file of one fixed length the table of rotations was computed when it was exported: it has a row for each position.
  const byPosition = (value: Value): boolean => !origin.isConstant(value) || (asNumber(types.of(value).shape?.at(-2)) ?? 1) > 1;
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
