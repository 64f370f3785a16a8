/** How far the states of one run are from those of another. */
import type { AddressEntry } from '../../anatomy/addresses.ts';
import type { Tower } from '../../anatomy/types.ts';
import type { Value } from '../../onnx/graph.ts';
import type { Tensor } from '../../ort/tensor.ts';
import type { ModelSession } from '../../session.ts';

interface Kept {
  readonly of: ReadonlyMap<Value, Tensor>;
  readonly rows: number;
}

/** hook_resid_post of each layer that has one. */
export function statesOf(session: ModelSession, tower: Tower): readonly AddressEntry[] {
  return session.addresses.filter((entry) => entry.tower === tower && entry.address.endsWith('.hook_resid_post'));
}

/** Euclidean norms of the differences, [layers, positions]; means over rows. A state that one run does not have is the other's own: the run started behind it. */
export function changeNorms(session: ModelSession, states: readonly AddressEntry[], run: Kept, base: Kept, positions: number): Float32Array {
  const norms = new Float32Array(states.length * positions);
  states.forEach((entry, layer) => {
    const [now, before] = [run.of.get(entry.place.value), base.of.get(entry.place.value)];
    if (!now || !before) return;
    const [a, b] = [session.canonical(entry, now, positions, run.rows), session.canonical(entry, before, positions, base.rows)];
    const width = a.shape.at(-1) ?? 1;
    const rows = Math.max(run.rows, base.rows);
    for (let row = 0; row < rows; row++) {
      for (let position = 0; position < positions; position++) {
        const at = (kept: Kept): number => ((kept.rows === 1 ? 0 : row) * positions + position) * width;
        let sum = 0;
        for (let index = 0; index < width; index++) sum += ((a.data[at(run) + index] ?? 0) - (b.data[at(base) + index] ?? 0)) ** 2;
        norms[layer * positions + position] = (norms[layer * positions + position] ?? 0) + Math.sqrt(sum) / rows;
      }
    }
  });
  return norms;
}
