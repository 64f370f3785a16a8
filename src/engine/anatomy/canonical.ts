/** From an ONNX tensor's own axes to TransformerLens's. */
import { CogscopeError } from '../../shared/errors.ts';
import type { Atom, Place } from './types.ts';

export interface CanonicalArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor of a run is not what the anatomy took it for: a wrong anatomy must not pass as a tensor. */
export class LayoutError extends CogscopeError {
  constructor(what: string) {
    super('internal', what, 'Run the checks of the anatomy');
  }
}

/** How a tensor's axes lie, wherever the tensor is. */
export type Axes = Pick<Place, 'layout' | 'within'>;

/**
 * Sizes that every tensor of a run shares: batch rows and positions; null where no prompt counts them, as in sound. Other axes are found
 * by division.
 */
export interface RunSizes {
  readonly batch: number;
  readonly pos: number | null;
}

/**
 * Rearranges `data` (row-major, `dims` as the place's layout groups them) into the order of `axes`.
 * Throws {@link LayoutError} where the sizes do not multiply up to the tensor.
 */
export function toCanonical(data: Float32Array, dims: readonly number[], place: Axes, axes: readonly Atom[], run: RunSizes): CanonicalArray {
  const sizes = atomSizes(dims, place, run);
  const atoms = place.layout.flat();
  const shape = axes.map((axis) => sizes.get(axis) ?? 1);
  const total = shape.reduce((product, size) => product * size, 1);
  if (total !== data.length) throw new LayoutError(`A tensor of ${dims.join('×')} does not read as ${axes.join(' × ')}`);
  if (axes.every((axis, index) => axis === atoms[index])) return { shape, data };
  return { shape, data: permute(data, atoms, axes, sizes) };
}

function permute(data: Float32Array, atoms: readonly Atom[], axes: readonly Atom[], sizes: ReadonlyMap<Atom, number>): Float32Array {
  const strides = new Map<Atom, number>();
  let stride = 1;
  for (const atom of [...atoms].reverse()) {
    strides.set(atom, stride);
    stride *= sizes.get(atom) ?? 1;
  }
  const shape = axes.map((axis) => sizes.get(axis) ?? 1);
  const steps = axes.map((axis) => strides.get(axis) ?? 0);
  const result = new Float32Array(data.length);
  const counter = axes.map(() => 0);
  let source = 0;
  for (let target = 0; target < result.length; target++) {
    result[target] = data[source] ?? 0;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const step = steps[axis] ?? 0;
      const count = (counter[axis] ?? 0) + 1;
      source += step;
      if (count < (shape[axis] ?? 1)) {
        counter[axis] = count;
        break;
      }
      source -= step * count;
      counter[axis] = 0;
    }
  }
  return result;
}

/** How long each elementary axis of a tensor is. Throws {@link LayoutError} where it has other axes than its place. */
export function atomSizes(dims: readonly number[], { layout, within }: Axes, run: RunSizes): ReadonlyMap<Atom, number> {
  const { batch, pos } = run;
  const sizes = new Map<Atom, number>([['batch', batch], ...(pos === null ? [] : (['pos', 'dest', 'src'] as const).map((atom): [Atom, number] => [atom, pos])), ...within ?? []]);
  if (dims.length !== layout.length) throw new LayoutError(`A tensor has ${dims.length} axes where ${layout.length} were expected`);
  layout.forEach((group, axis) => {
    const size = dims[axis] ?? 1;
    const known = group.filter((atom) => sizes.has(atom));
    const unknown = group.filter((atom) => !sizes.has(atom));
    // Keys may be more than the prompt's (a past), so a lone atom takes the axis's size.
    const [atom] = group;
    if (group.length === 1 && atom) {
      if (pos !== null && ((atom === 'dest' && size !== pos) || (atom === 'pos' && size < pos))) throw new LayoutError(`A tensor has ${size} positions where ${pos} were expected`);
      sizes.set(atom, size);
    }
    else if (unknown.length === 1 && unknown[0]) sizes.set(unknown[0], size / known.reduce((product, atom) => product * (sizes.get(atom) ?? 1), 1));
  });
  return sizes;
}
