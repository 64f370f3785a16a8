/** Neurons that fire at the same places of the text: the overlap (Jaccard) of those of their strongest examples. */
import type { IndexReader } from '../read/reader.ts';
import { ExampleTable } from '../state/examples.ts';
import { PLACES } from '../state/mlp.ts';
import { strongestPlaces } from '../store/places.ts';
import { UNITS } from '../store/schema.ts';
import { mostAlike } from './likeness.ts';
import type { Likeness } from './likeness.ts';

/** A string says why there are none. */
export function similarByExamples(reader: IndexReader, layer: number, neuron: number): readonly Likeness[] | string {
  if (!reader.state.finished) return 'The index is not finished';
  const table = new ExampleTable(1, PLACES);
  const encoded = reader.examples('neuron', layer, neuron);
  if (encoded) table.decode(0, encoded);
  const own = strongestPlaces(table, 0);
  if (own.length === 0) return 'It fires nowhere in the indexed text';
  const shared = new Map<number, { readonly places: number; readonly count: number }>();
  for (const place of own) {
    for (const { neuron: other, places } of reader.all('SELECT neuron, places FROM strongest WHERE place = ?', place)) {
      shared.set(Number(other), { places: Number(places), count: (shared.get(Number(other))?.count ?? 0) + 1 });
    }
  }
  shared.delete(layer * UNITS + neuron);
  // |A ∩ B| / |A ∪ B|
  return mostAlike([...shared].map(([id, { places, count }]) => ({ layer: Math.floor(id / UNITS), neuron: id % UNITS, similarity: count / (own.length + places - count) })));
}
