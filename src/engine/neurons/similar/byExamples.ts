/** Neurons that fire at the same places of the text: the overlap (Jaccard) of those of their strongest examples. */
import { CogscopeError } from '../../../shared/errors.ts';
import { uint32 } from '../read/reader.ts';
import type { IndexReader } from '../read/reader.ts';
import { ExampleTable } from '../state/examples.ts';
import { PLACES, TOP } from '../state/mlp.ts';
import { UNITS } from '../store/schema.ts';
import { mostAlike } from './likeness.ts';
import type { Likeness } from './likeness.ts';

/** Neurons whose examples are read at once; what else is asked of the engine goes between. */
const AT_ONCE = 1024;

/** A string says why there are none. Reads the examples of all neurons, a stretch of the table at a time. Throws 'cancelled' where the signal is. */
export async function similarByExamples(reader: IndexReader, layer: number, neuron: number, signal: AbortSignal): Promise<readonly Likeness[] | string> {
  const table = new ExampleTable(1, PLACES);
  const encoded = reader.examples('neuron', layer, neuron);
  const own = encoded ? placesOf(table, encoded) : new Set<string>();
  if (own.size === 0) return 'It fires nowhere in the indexed text';
  const rows = new Set([...own].map((place) => Number(place.split(':')[0])));
  const found: Likeness[] = [];
  for (const mlp of reader.all('SELECT layer, neurons FROM mlp ORDER BY layer')) {
    const [index, neurons] = [Number(mlp['layer']), Number(mlp['neurons'])];
    for (let from = 0; from < neurons; from += AT_ONCE) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw new CogscopeError('cancelled', 'Looking for similar neurons was stopped', 'Ask again');
      const first = index * UNITS + from;
      for (const { id, examples } of reader.all('SELECT id, examples FROM neuron WHERE id >= ? AND id < ?', first, first + AT_ONCE)) {
        const other = Number(id) % UNITS;
        if ((index === layer && other === neuron) || !readsAny(examples as Uint8Array, rows)) continue;
        const similarity = jaccard(own, placesOf(table, examples as Uint8Array));
        if (similarity > 0) found.push({ layer: index, neuron: other, similarity });
      }
    }
  }
  return mostAlike(found);
}

/** Whether an example is in one of these rows: most neurons of a long text need not be looked at closer. The rows are the second column. */
function readsAny(encoded: Uint8Array, rows: ReadonlySet<number>): boolean {
  return uint32(encoded.subarray(PLACES * 4, PLACES * 8)).some((row) => rows.has(row));
}

/** Row and position of the strongest examples above 0, no context twice. */
function placesOf(table: ExampleTable, encoded: Uint8Array): ReadonlySet<string> {
  table.decode(0, encoded);
  const strongest = table.strongestOfContexts(0).filter((at) => (table.value[at] as number) > 0).slice(0, TOP);
  return new Set(strongest.map((at) => `${table.row[at]}:${table.position[at]}`));
}

/** |A ∩ B| / |A ∪ B| */
function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...b].filter((place) => a.has(place)).length;
  return shared / (a.size + b.size - shared);
}
