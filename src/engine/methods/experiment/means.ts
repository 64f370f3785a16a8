/** What places say on average over the clean runs of all pairs. */
import { CogscopeError } from '../../../shared/errors.ts';
import { stretches } from '../../analysis/slab.ts';
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Value } from '../../onnx/graph.ts';
import { toFloat16 } from '../../onnx/halfFloat.ts';
import { toFloat32 } from '../../ort/tensor.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { Context } from './context.ts';
import type { SitePlace } from './sites.ts';
import type { Replacement } from './variants.ts';

interface Sum {
  /** By position where all prompts have one length, else of one position. */
  readonly total: Float64Array;
  count: number;
}

/** Means by position where all prompts have one length, else over all positions. */
export async function meansOf(context: Context): Promise<(place: SitePlace, pair: number) => Replacement> {
  const { pairs, edited } = context;
  const sums = new Map<Value, Sum>();
  const shapes = pairs.map(() => new Map<Value, Pick<Tensor, 'type' | 'dims'>>());
  const byPosition = edited.every((entry) => new Set(pairs.map((pair) => lengthOf(pair.clean, entry))).size <= 1);
  if (!byPosition && edited.some(({ axes }) => axes.includes('src'))) {
    throw new CogscopeError('usage', 'Patterns of prompts of different length have no mean', 'Give prompts of one length, or ablate z');
  }
  for (const [index, { clean, position }] of pairs.entries()) {
    const { kept } = await context.runs.of(clean, position);
    for (const entry of edited) {
      const tensor = kept.get(entry.place.value);
      if (!tensor) continue;
      shapes[index]?.set(entry.place.value, tensor);
      for (const part of parts(entry, tensor, lengthOf(clean, entry), byPosition)) add(sums, entry.place.value, part);
    }
  }
  return ({ entry }, pair) => {
    const sum = sums.get(entry.place.value);
    const shape = shapes[pair]?.get(entry.place.value);
    const length = lengthOf(pairs[pair]?.clean, entry);
    if (!sum || !shape) throw new CogscopeError('internal', `${entry.address} has no mean`);
    return { kind: 'tensor', rows: 1, tensor: spread(entry, shape, { mean: sum.total.map((value) => value / sum.count), length, byPosition }) };
  };
}

const lengthOf = (tokens: Context['pairs'][number]['clean'] | undefined, { tower }: AddressEntry): number => tokens?.get(tower.name)?.length ?? 0;

/** Where the elements lie that are averaged with each other: the whole, or each position. */
function places(entry: AddressEntry, shape: Pick<Tensor, 'dims'>, length: number, byPosition: boolean): readonly (readonly number[])[] {
  const selections = byPosition ? [{}] : Array.from({ length }, (_, position) => ({ position }));
  return selections.map((at) => stretches(shape, entry.place, { batch: 1, pos: length }, 0, at).flatMap(({ from, length: size }) => Array.from({ length: size }, (_, step) => from + step)));
}

function parts(entry: AddressEntry, tensor: Tensor, length: number, byPosition: boolean): readonly Float32Array[] {
  const values = toFloat32(tensor);
  return places(entry, tensor, length, byPosition).map((indices) => Float32Array.from(indices, (index) => values[index] ?? 0));
}

function add(sums: Map<Value, Sum>, value: Value, part: Float32Array): void {
  const sum = sums.get(value) ?? { total: new Float64Array(part.length), count: 0 };
  sums.set(value, sum);
  sum.count++;
  part.forEach((one, index) => (sum.total[index] = (sum.total[index] ?? 0) + one));
}

function spread(entry: AddressEntry, { type, dims }: Pick<Tensor, 'type' | 'dims'>, { mean, length, byPosition }: { readonly mean: Float64Array; readonly length: number; readonly byPosition: boolean }): Tensor {
  const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  for (const indices of places(entry, { dims }, length, byPosition)) indices.forEach((index, at) => (data[index] = mean[at] ?? 0));
  return { type, dims, data: type === 'float16' ? toFloat16([...data]) : data };
}
