/**
 * Past keys and values: which input they are and which output hands them on, told by the attention that reads them. Keys and
 * values of one layer lie on the way into its two products, as an input, as an output, or as both.
 */
import type { Graph, Value } from '../onnx/graph.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { findAnchors } from './anchor.ts';
import { Origin } from './origin.ts';
import { isProduct } from './projection.ts';
import { isShapeOp } from './walk.ts';

/** One operand of attention: what was given of it, and what is handed on. */
export interface CachedOperand {
  readonly past: Value | null;
  readonly present: Value | null;
}

/** What the file gives of the past of a run, and what feeds it in the next one; the two may be the same model. */
export interface CacheLink {
  readonly past: Value;
  /** The output of the run without a past. */
  readonly first: Value;
  /** The output of every later run; null where the past stays as it is, as what an encoder gave does. */
  readonly next: Value | null;
}

/** Keys and values of every attention, in the order in which they are made; `pasts` are the inputs that can be one. */
export function cachedOperands(graph: Graph, types: TypeTable, pasts: ReadonlySet<Value>): readonly CachedOperand[] {
  const { anchors } = findAnchors(graph, types, new Origin(graph));
  return [...anchors].sort((a, b) => a.scoresProduct.index - b.scoresProduct.index)
    .flatMap((anchor) => [anchor.scoresProduct.inputs[1], anchor.values].map((operand) => (operand ? onTheWay(operand, pasts) : { past: null, present: null })));
}

/** Operators that deal the same keys and values over other axes. */
const rearranging: ReadonlySet<string> = new Set(['Transpose', 'Reshape', 'Identity', 'Cast']);

/** What is met on the way back to the projection that makes the operand, or stands beside the way in another order of axes. */
function onTheWay(operand: Value, pasts: ReadonlySet<Value>): CachedOperand {
  const found = { past: new Set<Value>(), present: new Set<Value>(), beside: new Set<Value>() };
  const seen = new Set<Value>();
  const stack = [operand];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (pasts.has(value)) found.past.add(value);
    if (value.outputIndex >= 0) found.present.add(value);
    for (const { op, outputs: [made] } of value.consumers) if (rearranging.has(op) && made && made.outputIndex >= 0) found.beside.add(made);
    const { producer }: Value = value;
    if (producer && !isProduct(producer) && !isShapeOp(producer)) stack.push(...producer.inputs.filter((input): input is Value => input !== undefined));
  }
  const only = (values: ReadonlySet<Value>): Value | null => (values.size === 1 ? [...values][0] ?? null : null);
  return { past: only(found.past), present: only(found.present) ?? only(found.beside) };
}

/** Joins what one model hands on with what the other takes. A string says why that cannot be told. */
export function linkCaches(first: readonly CachedOperand[], next: readonly CachedOperand[], pasts: ReadonlySet<Value>): readonly CacheLink[] | string {
  if (first.length !== next.length) return 'its two models have not the same attention layers';
  const links: CacheLink[] = [];
  for (const [index, { past, present }] of next.entries()) {
    const made = first[index]?.present;
    if (past && made) links.push({ past, first: made, next: present });
  }
  const linked = new Set(links.map((link) => link.past));
  const left = [...pasts].find((past) => !linked.has(past));
  if (left) return `it cannot be told which output goes on as "${left.name}"`;
  return linked.size === links.length ? links : 'a past is read by several layers';
}
