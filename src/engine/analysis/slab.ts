/** Parts of an activation, in the ONNX tensor as it lies: a position, a head, a neuron, of one row; of a pattern, where it looks from and where to. */
import { CogscopeError } from '../../shared/errors.ts';
import { atomSizes } from '../anatomy/canonical.ts';
import type { RunSizes } from '../anatomy/canonical.ts';
import type { Atom, Place } from '../anatomy/types.ts';
import type { Tensor } from '../ort/tensor.ts';

/** What is left out is taken whole. */
export interface Selection {
  readonly position?: number;
  readonly source?: number;
  readonly head?: number;
  readonly neuron?: number;
}

/** Which axes an index of a selection counts along. A pattern's position is where it looks from. */
export const axesOf: Readonly<Record<keyof Selection, readonly Atom[]>> = { position: ['pos', 'dest'], source: ['src'], head: ['head', 'kv'], neuron: ['neuron'] };

/** A stretch of elements that lie one behind the other. */
export interface Stretch {
  readonly from: number;
  readonly length: number;
}

/**
 * Where row `row` of a selection lies in a tensor of `rows` rows, in ascending order. Throws LayoutError where the tensor is
 * not what its place says.
 */
export function stretches(tensor: Pick<Tensor, 'dims'>, place: Place, sizes: RunSizes, row: number, at: Selection): readonly Stretch[] {
  const lengths = atomSizes(tensor.dims, place, sizes);
  const atoms = place.layout.flat();
  const chosen = atoms.map((atom) => (atom === 'batch' ? row : indexOf(atom, at, lengths.get(atom) ?? 1)));
  // Axes behind the last one that is chosen lie together.
  const lastChosen = chosen.findLastIndex((index) => index !== undefined);
  const size = (axis: number): number => lengths.get(atoms[axis] as Atom) ?? 1;
  const strides = atoms.map((_, axis) => atoms.slice(axis + 1).reduce((product, _atom, later) => product * size(axis + 1 + later), 1));
  let starts = [0];
  for (let axis = 0; axis <= lastChosen; axis++) {
    const stride = strides[axis] ?? 1;
    const index = chosen[axis];
    starts = index === undefined ? starts.flatMap((start) => Array.from({ length: size(axis) }, (_, step) => start + step * stride)) : starts.map((start) => start + index * stride);
  }
  const length = lastChosen < 0 ? strides[0] === undefined ? 1 : strides[0] * size(0) : strides[lastChosen] ?? 1;
  return starts.map((from) => ({ from, length }));
}

/** The index along an axis, from its end where it is negative. Throws 'usage' where it is outside. */
function indexOf(atom: Atom, at: Selection, length: number): number | undefined {
  for (const kind of ['position', 'source', 'head', 'neuron'] as const) {
    const asked = axesOf[kind].includes(atom) ? at[kind] : undefined;
    if (asked === undefined) continue;
    const index = asked < 0 ? length + asked : asked;
    if (index < 0 || index >= length) throw new CogscopeError('usage', `There is no ${kind} ${asked}`, length === 1 ? 'The only one is 0' : `Choose 0 to ${length - 1}`);
    return index;
  }
  return undefined;
}

/** Copies one selection's elements; whether any of them changed. Both tensors have the same place, each its own rows. */
export function copySlab(target: Tensor, to: readonly Stretch[], source: Tensor, from: readonly Stretch[]): boolean {
  const { data } = target;
  let changed = false;
  to.forEach(({ from: start, length }, index) => {
    const other = from[index]?.from ?? 0;
    for (let step = 0; step < length; step++) {
      const value = source.data[other + step];
      if (value === undefined || data[start + step] === value) continue;
      data[start + step] = value;
      changed = true;
    }
  });
  return changed;
}

/** Whether two selections' elements differ. */
export function slabsDiffer(a: Tensor, inA: readonly Stretch[], b: Tensor, inB: readonly Stretch[]): boolean {
  return inA.some(({ from, length }, index) => {
    const other = inB[index]?.from ?? 0;
    for (let step = 0; step < length; step++) if (a.data[from + step] !== b.data[other + step]) return true;
    return false;
  });
}
