/** Following the axes of an activation backwards through the operators that only rearrange or rescale it. */
import type { GraphNode, Value } from '../onnx/graph.ts';
import { intAttribute, intsAttribute } from '../onnx/attributes.ts';
import { asNumber, sameDim, product } from '../onnx/infer/dim.ts';
import type { Dim } from '../onnx/infer/dim.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import type { Atom, Carries, Layout } from './types.ts';

/** Operators whose output has the layout of the one input that carries the stream. */
const sameLayout: ReadonlySet<string> = new Set(['Cast', 'Identity', 'Dropout', 'Mul', 'Div', 'Add', 'Sub', 'Where', 'Neg']);

/** Sizes of elementary axes, as far as the file tells. */
export type AtomSizes = ReadonlyMap<Atom, Dim>;

export class AxisTracker {
  private readonly types: TypeTable;
  private readonly carries: Carries;

  constructor(types: TypeTable, carries: Carries) {
    this.types = types;
    this.carries = carries;
  }

  /** The one input that `node` rearranges and its layout, given the output's; undefined where the node does more than that. */
  before(node: GraphNode, layout: Layout, sizes: AtomSizes): { readonly value: Value; readonly layout: Layout } | undefined {
    const carried = node.inputs.filter((input): input is Value => input !== undefined && this.carries(input));
    const input = carried[0];
    if (!input || carried.length !== 1) return undefined;
    const output = node.outputs[0];
    if (node.op === 'Transpose') {
      const before = untranspose(layout, intsAttribute(node, 'perm'));
      return before && { value: input, layout: before };
    }
    if (node.op === 'Reshape' || node.op === 'Flatten' || node.op === 'Squeeze' || node.op === 'Unsqueeze') {
      const regrouped = regroup(layout, this.types.of(input).shape, sizes);
      return regrouped && { value: input, layout: regrouped };
    }
    // A past that is put before the positions of this run is no part of what the projection gave.
    if (node.op === 'Concat' && isOnly(layout.at(intAttribute(node, 'axis') ?? 0), 'pos')) return { value: input, layout };
    if (sameLayout.has(node.op) && output && this.rank(input) === this.rank(output)) return { value: input, layout };
    return undefined;
  }

  private rank(value: Value): number | undefined {
    return this.types.of(value).shape?.length;
  }
}

const isOnly = (group: readonly Atom[] | undefined, atom: Atom): boolean => group?.length === 1 && group[0] === atom;

/** Undefined where `perm` is no order of these axes. */
function untranspose(layout: Layout, perm: readonly number[] | undefined): Layout | undefined {
  const order = perm ?? layout.map((_, axis) => layout.length - 1 - axis);
  const input = layout.map((_, axis) => layout[order.indexOf(axis)]);
  return order.length === layout.length && input.every((group) => group !== undefined) ? input : undefined;
}

/** Deals the same elementary axes, in the same order, over other axes so that every size fits; undefined where that cannot be. */
export function regroup(layout: Layout, shape: readonly (Dim | undefined)[] | undefined, sizes: AtomSizes): Layout | undefined {
  if (!shape) return undefined;
  const atoms = layout.flat();
  if (shape.length === atoms.length) return atoms.every((atom, axis) => mayBe(sizes.get(atom), shape[axis])) ? atoms.map((atom) => [atom]) : undefined;
  const groups: Atom[][] = [];
  let next = 0;
  const take = (group: Atom[]): number => group.push(atoms[next++] as Atom);
  for (const [axis, dim] of shape.entries()) {
    const group: Atom[] = [];
    const left = shape.length - axis - 1;
    while (next < atoms.length && (left === 0 || !fits(group, dim, sizes))) take(group);
    // A single head changes no size: it stays with what stands before it, as where batch and heads are one axis.
    while (left > 0 && atoms.length - next > left && isOne(sizes.get(atoms[next] as Atom)) && !isOne(shape[axis + 1])) take(group);
    groups.push(group);
  }
  return next === atoms.length && groups.every((group) => group.length > 0) ? groups : undefined;
}

const isOne = (dim: Dim | undefined): boolean => asNumber(dim) === 1;
const mayBe = (size: Dim | undefined, dim: Dim | undefined): boolean => !size || !dim || size.symbols.length + dim.symbols.length > 0 || sameDim(size, dim);

function fits(group: readonly Atom[], dim: Dim | undefined, sizes: AtomSizes): boolean {
  if (group.length === 0 || !dim) return false;
  const parts = group.map((atom) => sizes.get(atom));
  return parts.every((part) => part !== undefined) && sameDim(product(parts), dim);
}
