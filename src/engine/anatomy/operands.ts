/** How the axes of attention's two products lie: by place in a MatMul, by letters in an Einsum. */
import { stringAttribute } from '../onnx/attributes.ts';
import { equation } from '../onnx/einsum.ts';
import type { GraphNode } from '../onnx/graph.ts';
import type { AttentionAnchor } from './anchor.ts';
import type { Atom, Layout, Place } from './types.ts';

export interface Operands {
  readonly queries: Place;
  readonly keys: Place;
  readonly values: Place;
  /** Of the pattern as it enters its product, and of the scores. */
  readonly pattern: Layout;
  readonly z: Place;
}

const patternAxes: readonly Atom[] = ['batch', 'head', 'dest', 'src'];
const sideAxes: readonly Atom[] = ['batch', 'head', 'pos', 'dHead'];

/** The operands of the products, or why they cannot be read. `rank` is the pattern's; the scores may be made in another and dealt out later. */
export function readOperands({ scoresProduct, outputProduct, pattern, values }: AttentionAnchor, rank: number, scoresRank: number): Operands | string {
  const [left, right] = scoresProduct.inputs;
  const [mixed] = outputProduct.outputs;
  if (!left || !right || !mixed) return 'an operand of its products is missing';
  const second = outputAxes(outputProduct, outputProduct.inputs.indexOf(pattern), rank);
  const first = second && scoresAxes(scoresProduct, second.pattern, scoresRank);
  if (!first || !second) return `its products are ${described(scoresProduct)} and ${described(outputProduct)}, which are not read yet`;
  const [queries, keys] = first.swapped ? [right, left] : [left, right];
  return { queries: { value: queries, layout: first.queries }, keys: { value: keys, layout: first.keys }, values: { value: values, layout: second.values }, pattern: second.pattern, z: { value: mixed, layout: second.z } };
}

const described = (node: GraphNode): string => (node.op === 'Einsum' ? `Einsum (${stringAttribute(node, 'equation') ?? ''})` : node.op);

/** Rank 4 is an axis each; rank 3 has batch and head in one. */
export function layoutFor(rank: number, atoms: readonly Atom[]): Layout {
  const [first, second, ...rest] = atoms as readonly [Atom, Atom, ...Atom[]];
  return rank === 4 ? atoms.map((atom) => [atom]) : [[first, second], ...rest.map((atom) => [atom])];
}

interface OutputAxes {
  readonly pattern: Layout;
  readonly values: Layout;
  readonly z: Layout;
}

/** Pattern times values. */
function outputAxes(node: GraphNode, patternAt: number, rank: number): OutputAxes | undefined {
  if (node.op === 'MatMul') return patternAt === 0 ? { pattern: layoutFor(rank, patternAxes), values: layoutFor(rank, sideAxes), z: layoutFor(rank, sideAxes) } : undefined;
  const letters = equation(node);
  if (!letters || rank !== 4) return undefined;
  const [pattern, values] = patternAt === 0 ? letters.inputs : [letters.inputs[1], letters.inputs[0]];
  const isIn = (text: string) => (letter: string): boolean => text.includes(letter);
  const [inValues, inZ] = [isIn(values), isIn(letters.output)];
  // Batch stands before heads, as in a MatMul, and the softmax runs over the last axis.
  const shared = [...pattern].filter((letter) => inValues(letter) && inZ(letter));
  const src = [...pattern].filter((letter) => inValues(letter) && !inZ(letter));
  const dest = [...pattern].filter((letter) => !inValues(letter) && inZ(letter));
  const vector = [...values].filter((letter) => !pattern.includes(letter) && inZ(letter));
  if (shared.length !== 2 || src.length !== 1 || src[0] !== pattern.at(-1) || dest.length !== 1 || vector.length !== 1 || [pattern, values, letters.output].some((text) => text.length !== 4)) return undefined;
  const [batch, head] = shared as [string, string];
  const atoms = new Map<string, Atom>([[batch, 'batch'], [head, 'head'], [src[0] ?? '', 'src'], [dest[0] ?? '', 'dest'], [vector[0] ?? '', 'dHead']]);
  const layout = lay(atoms);
  return { pattern: layout(pattern, false), values: layout(values, true), z: layout(letters.output, true) };
}

interface ScoresAxes {
  readonly queries: Layout;
  readonly keys: Layout;
  /** The keys stand first. */
  readonly swapped: boolean;
}

/** Queries times keys, whose result has the pattern's axes in their order. */
function scoresAxes(node: GraphNode, pattern: Layout, rank: number): ScoresAxes | undefined {
  if (node.op === 'MatMul') {
    const isUsual = pattern.flat().every((atom, index) => atom === patternAxes[index]);
    return isUsual ? { queries: layoutFor(rank, sideAxes), keys: layoutFor(rank, ['batch', 'head', 'dHead', 'pos']), swapped: false } : undefined;
  }
  const letters = equation(node);
  if (!letters || letters.output.length !== 4) return undefined;
  const atoms = new Map<string, Atom>([...letters.output].map((letter, axis) => [letter, pattern[axis]?.[0] ?? 'batch']));
  const [left, right] = letters.inputs;
  const summed = [...left].filter((letter) => !atoms.has(letter) && right.includes(letter));
  if (summed.length !== 1 || left.length !== 4 || right.length !== 4) return undefined;
  atoms.set(summed[0] ?? '', 'dHead');
  const holds = (text: string, wanted: Atom): boolean => [...text].some((letter) => atoms.get(letter) === wanted);
  const swapped = holds(right, 'dest');
  const [queries, keys] = swapped ? [right, left] : [left, right];
  if (!holds(queries, 'dest') || holds(queries, 'src') || !holds(keys, 'src') || ![...left, ...right].every((letter) => atoms.has(letter))) return undefined;
  const layout = lay(atoms);
  return { queries: layout(queries, true), keys: layout(keys, true), swapped };
}

/** Axes in the order of letters; `alone`: there is one axis of positions, and it is just that. */
const lay = (atoms: ReadonlyMap<string, Atom>) => (letters: string, alone: boolean): Layout =>
  [...letters].map((letter) => {
    const atom = atoms.get(letter) ?? 'batch';
    return [alone && (atom === 'dest' || atom === 'src') ? 'pos' : atom];
  });

/** Keys and values of another stream stand at its positions. */
export function elsewhere(place: Place): Place {
  return { ...place, layout: place.layout.map((group) => group.map((atom) => (atom === 'pos' ? 'src' : atom))) };
}

/** The length of an elementary axis that has an axis to itself. */
export function sizeOf<Size>(layout: Layout, shape: readonly Size[] | undefined, atom: Atom): Size | undefined {
  const axis = layout.findIndex((group) => group.length === 1 && group[0] === atom);
  return axis < 0 ? undefined : shape?.[axis];
}
