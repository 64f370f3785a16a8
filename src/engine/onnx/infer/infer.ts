/**
 * Element types and symbolic shapes of every value, and the elements of small integer tensors (shape vectors), folded
 * symbolically: what "Reshape to [batch, seq, -1, 48]" means is known without running.
 */
import type { Graph, GraphNode, Value } from '../graph.ts';
import { declaredType } from './declared.ts';
import { number } from './dim.ts';
import type { Dim } from './dim.ts';
import { sameDim } from './dim.ts';
import { ruleFor } from './ops/table.ts';
import { integersOf } from './content.ts';

export type Shape = readonly (Dim | undefined)[];

export interface Inferred {
  /** TensorProto.DataType; 0: unknown. */
  readonly elemType: number;
  /** Undefined: not even the rank is known. */
  readonly shape: Shape | undefined;
  /** Elements of a small integer tensor, row-major; a scalar has one. */
  readonly content: Shape | undefined;
}

export const unknown: Inferred = { elemType: 0, shape: undefined, content: undefined };

export interface TypeTable {
  readonly graph: Graph;
  /** Version of the standard operator set. */
  readonly opset: number;
  of(value: Value): Inferred;
}

/** What a rule may ask. */
export interface InferContext {
  readonly node: GraphNode;
  /** Input `index`; unknown where it is absent. */
  input(index: number): Inferred;
  has(index: number): boolean;
  readonly opset: number;
}

/** More axes or elements than this are not followed: a damaged or hostile graph could double them node by node. */
export const MAX_RANK = 32;
export const MAX_CONTENT = 64;

/** One result an output. Rules must not throw: what they cannot tell is undefined. */
export type InferRule = (context: InferContext) => readonly Partial<Inferred>[];

export function inferTypes(model: { readonly graph: Graph; readonly opset: ReadonlyMap<string, number> }): TypeTable {
  const { graph } = model;
  const opset = model.opset.get('') ?? 0;
  const table: Inferred[] = graph.values.map((value) => (value.weight ? ofWeight(value) : value.inputIndex >= 0 ? declaredType(value) : unknown));
  const infer = (node: GraphNode): void => {
    const results = ruleFor(node)?.({
      node, opset,
      input: (index) => of(table, node.inputs[index]),
      has: (index) => node.inputs[index] !== undefined,
    });
    for (const [index, output] of node.outputs.entries()) if (output) table[output.id] = merge(results?.[index], declaredType(output));
  };
  for (const node of graph.nodes) {
    if (node.parts) node.parts.forEach(infer);
    else infer(node);
  }
  return { graph, opset, of: (value) => table[value.id] ?? unknown };
}

const of = (table: readonly Inferred[], value: Value | undefined): Inferred => (value && table[value.id]) ?? unknown;

/** Our own inference wins over what the file declares, axis by axis; the declaration wins over nothing. */
function merge(own: Partial<Inferred> | undefined, declared: Inferred): Inferred {
  if (!own) return declared;
  const shape = own.shape ?? declared.shape;
  const filled = own.shape && declared.shape?.length === own.shape.length ? own.shape.map((dim, axis) => dim ?? numeric(declared.shape?.[axis])) : shape;
  return {
    elemType: own.elemType || declared.elemType,
    shape: filled && filled.length <= MAX_RANK ? filled : undefined,
    content: own.content && own.content.length <= MAX_CONTENT ? own.content : undefined,
  };
}

/** Declared names are not trusted to mean the same as ours; declared numbers above 1 are. */
const numeric = (dim: Dim | undefined): Dim | undefined => (dim && dim.symbols.length === 0 && dim.coefficient > 0 ? dim : undefined);

function ofWeight(value: Value): Inferred {
  const { weight } = value;
  if (!weight) return unknown;
  return { elemType: weight.dataType, shape: weight.dims.map(number), content: weight.storage.kind === 'inline' ? integersOf(weight.storage.bytes, weight.dataType) : undefined };
}

/** Provably the same shape: every axis known and equal. */
export function sameShape(a: Shape | undefined, b: Shape | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((dim, axis) => sameDim(dim, b[axis]));
}
