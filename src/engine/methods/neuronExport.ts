/** An index as a file that other programs read, and the exact activations of some neurons over its whole text. */
import { extname } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { NeuronExportProgress } from '../../shared/neurons/export.ts';
import { safetensorsParts } from '../io/safetensors.ts';
import type { ArrayEntry } from '../io/safetensors.ts';
import { checkWritable, saveWhole } from '../io/saveWhole.ts';
import { activationsOf } from '../neurons/activations.ts';
import { jsonParts } from '../neurons/export/json.ts';
import { parquetParts } from '../neurons/export/parquet.ts';
import type { NumberedRow } from '../neurons/passes.ts';
import { planIndex } from '../neurons/plan.ts';
import { IndexReader } from '../neurons/read/reader.ts';
import { bareRow } from '../neurons/rows.ts';
import type { ModelSession } from '../session.ts';
import { indexedModel, neuronOf, readIndex } from './neurons.ts';

type Parts = (reader: IndexReader, told: () => void) => Iterable<Uint8Array>;

const formats: ReadonlyMap<string, Parts> = new Map([['.json', jsonParts], ['.parquet', parquetParts]]);

/** Needs no model: the index has its tokens' texts. */
export async function exportIndex({ db, out }: { readonly db: string; readonly out: string }, progress: (body: NeuronExportProgress) => void, signal: AbortSignal): Promise<{ readonly neurons: number }> {
  const parts = formats.get(extname(out).toLowerCase());
  if (!parts) throw new CogscopeError('usage', `An index is not exported as "${extname(out)}"`, `Name a file that ends in ${[...formats.keys()].join(' or ')}`, out);
  checkWritable(out);
  return await IndexReader.use(db, async (reader) => {
    const { neurons } = reader.info;
    let done = 0;
    await saveWhole(out, breathing(parts(reader, () => done++), () => progress({ done, of: neurons }), signal));
    return { neurons };
  });
}

/** Lets messages in between two parts. */
async function* breathing(parts: Iterable<Uint8Array>, told: () => void, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new CogscopeError('cancelled', 'Cancelled');
    told();
    yield part;
  }
}

/** Rows that are run before progress is told. */
const ROWS = 64;
/** What fits into one file and into memory. */
const MOST_BYTES = 2 ** 31;

/** Every token of every row, those that the tokenizer adds as well: `ids`, `row` and `position` say which it is. */
export async function exportActivations(
  session: ModelSession, { db, out, addresses }: { readonly db: string; readonly out: string; readonly addresses: readonly string[] }, progress: (body: NeuronExportProgress) => void, signal: AbortSignal,
): Promise<{ readonly tokens: number }> {
  const program = session.getProgram();
  const places = addresses.map(neuronOf);
  if (extname(out).toLowerCase() !== '.safetensors') throw new CogscopeError('usage', 'Activations are written as safetensors', 'Name a file that ends in .safetensors', out);
  checkWritable(out);
  const model = indexedModel(session);
  const plan = planIndex(model);
  const rows = await readIndex(session, db, (reader) => Array.from({ length: reader.state.lines }, (_, id): NumberedRow => ({ id, row: bareRow(reader.line(id).ids) })));
  const starts = new Map<number, number>();
  let tokens = 0;
  for (const { id, row } of rows) {
    starts.set(id, tokens);
    tokens += row.ids.length;
  }
  if (tokens * 4 * (places.length + 3) > MOST_BYTES) throw new CogscopeError('refused', `The activations of ${places.length} neurons over ${tokens} tokens are too many for one file`, 'Name fewer neurons');
  const arrays = new Map<string, ArrayEntry>(['ids', 'row', 'position'].map((name) => [name, { shape: [tokens], data: new Int32Array(tokens) }]));
  for (const address of addresses) arrays.set(address, { shape: [tokens], data: new Float32Array(tokens).fill(NaN) });
  for (let from = 0; from < rows.length; from += ROWS) {
    for await (const { row: { id, row }, values } of activationsOf(program, model, plan, places, rows.slice(from, from + ROWS), signal)) {
      const start = starts.get(id) ?? 0;
      arrays.get('ids')?.data.set(row.ids, start);
      arrays.get('row')?.data.fill(id, start, start + row.ids.length);
      arrays.get('position')?.data.set(row.ids.map((_, position) => position), start);
      addresses.forEach((address, at) => arrays.get(address)?.data.set(values[at] ?? [], start));
    }
    progress({ done: Math.min(from + ROWS, rows.length), of: rows.length });
  }
  await saveWhole(out, safetensorsParts(arrays));
  return { tokens };
}
