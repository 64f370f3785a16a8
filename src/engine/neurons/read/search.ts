/** Neurons by what they fire on, what they write, how often they fire and where they stand. Tokens are found by the beginning of a primary key. */
import { CogscopeError } from '../../../shared/errors.ts';
import { neuronAddress } from '../../../shared/addresses.ts';
import type { FoundNeuron, NeuronQuery, NeuronSearchResult } from '../../../shared/neurons/search.ts';
import type { NeuronDescription } from '../../../shared/neurons/described.ts';
import { ExampleTable } from '../state/examples.ts';
import { PLACES } from '../state/mlp.ts';
import { decodeDescription } from '../store/described.ts';
import type { DescriptionRecord } from '../store/described.ts';
import { decodeReadings } from '../store/readings.ts';
import type { ReadingRecord } from '../store/readings.ts';
import { UNITS } from '../store/schema.ts';
import { float32, float64 } from './reader.ts';
import type { IndexReader } from './reader.ts';

/** What a search asks of the tokenizer. */
export interface Words {
  /** Every token that is this word, however it is written and with or without a space before it. */
  readonly idsOf: (word: string) => readonly number[];
  readonly encode: (text: string) => readonly number[];
}

const LIMIT = 50;
/** Neurons whose examples are read through for a text of several tokens. */
const READ_THROUGH = 400;

interface Candidate {
  readonly share?: number;
  readonly effect?: number;
  readonly described?: NeuronDescription;
}

/** Throws 'usage' for words that are no tokens. */
export function searchNeurons(reader: IndexReader, query: NeuronQuery, words: Words): NeuronSearchResult {
  const limit = Math.min(Math.max(query.limit ?? LIMIT, 1), 1000);
  const byToken = query.token === undefined ? undefined : firingOn(reader, query.token, words);
  const byOutput = query.output === undefined ? undefined : writing(reader, query.output, words);
  const byDescription = query.described === undefined ? undefined : describedAs(reader, query.described);
  const rates = ratesOf(reader, query.layer);
  const found = [byToken, byOutput, byDescription].filter((one) => one !== undefined);
  const ids = found[0] ? [...found[0].keys()] : [...rates.keys()].flatMap((layer) => Array.from(rates.get(layer)?.rate ?? [], (_, neuron) => layer * UNITS + neuron));
  const kept = ids.flatMap((id) => {
    const figures = rates.get(Math.floor(id / UNITS));
    const [rate, max] = [figures?.rate[id % UNITS], figures?.max[id % UNITS]];
    if (rate === undefined || max === undefined || rate < (query.rateFrom ?? 0) || rate > (query.rateTo ?? 1) || found.some((one) => !one.has(id))) return [];
    return [{ id, rate, max, ...byToken?.get(id), ...byOutput?.get(id), ...byDescription?.get(id) }];
  });
  kept.sort((a, b) => (b.share ?? 0) - (a.share ?? 0) || Math.abs(b.effect ?? 0) - Math.abs(a.effect ?? 0) || b.rate - a.rate || a.id - b.id);
  return { of: kept.length, found: kept.slice(0, limit).map(({ id, rate, max, ...why }): FoundNeuron => ({ address: neuronAddress('', Math.floor(id / UNITS), id % UNITS), firingRate: rate, max, ...meaningsOf(reader, id), ...why })) };
}

export function meaningsOf(reader: IndexReader, id: number): Pick<FoundNeuron, 'meanings' | 'labels'> {
  const found = reader.one('SELECT meanings, sure, readings FROM reading WHERE id = ?', id);
  const { meanings, readings } = found ? decodeReadings(found as unknown as ReadingRecord) : { meanings: 0, readings: [] };
  return { meanings, labels: readings.filter(({ rule }) => rule !== null).map(({ label }) => label) };
}

function ratesOf(reader: IndexReader, layer: number | undefined): ReadonlyMap<number, { readonly rate: Float64Array; readonly max: Float32Array }> {
  const { tokens } = reader.state;
  const rows = layer === undefined ? reader.all('SELECT layer, firing, largest FROM mlp ORDER BY layer') : reader.all('SELECT layer, firing, largest FROM mlp WHERE layer = ?', layer);
  if (rows.length === 0 && layer !== undefined) throw new CogscopeError('usage', `The index has no neurons of layer ${layer}`, 'Name a layer that it has');
  return new Map(rows.map((row) => [Number(row['layer']), { rate: float64(row['firing'] as Uint8Array).map((count) => (tokens > 0 ? count / tokens : 0)), max: float32(row['largest'] as Uint8Array) }]));
}

function idsOf(word: string, words: Words): readonly number[] {
  const ids = words.idsOf(word);
  if (ids.length === 0) throw new CogscopeError('usage', `No token of the model is “${word.trim()}”`, 'Write a word that the tokenizer has as a whole');
  return ids;
}

function firingOn(reader: IndexReader, text: string, words: Words): ReadonlyMap<number, Candidate> {
  const whole = words.idsOf(text);
  if (whole.length > 0) return sharesOf(reader, whole);
  const ids = words.encode(text.trimEnd());
  const last = ids.at(-1);
  if (last === undefined) throw new CogscopeError('usage', 'There is nothing to look for', 'Write a word');
  const candidates = [...sharesOf(reader, [last])].sort(([, a], [, b]) => (b.share ?? 0) - (a.share ?? 0)).slice(0, READ_THROUGH);
  return new Map(candidates.flatMap(([id]) => {
    const share = shareBehind(reader, id, ids);
    return share > 0 ? [[id, { share }] as const] : [];
  }));
}

function sharesOf(reader: IndexReader, ids: readonly number[]): ReadonlyMap<number, Candidate> {
  const shares = new Map<number, { readonly share: number }>();
  for (const token of ids) for (const { neuron, share } of reader.all('SELECT neuron, share FROM fires WHERE token = ?', token)) shares.set(Number(neuron), { share: (shares.get(Number(neuron))?.share ?? 0) + Number(share) });
  return shares;
}

/** Of a neuron's strongest examples, those that end these ids. The first token may be written with a space before it or without. */
function shareBehind(reader: IndexReader, id: number, ids: readonly number[]): number {
  const encoded = reader.examples('neuron', Math.floor(id / UNITS), id % UNITS);
  if (!encoded) return 0;
  const table = new ExampleTable(1, PLACES);
  table.decode(0, encoded);
  const strongest = table.strongestFirst(0).slice(0, 40);
  const ends = strongest.filter((at) => {
    const [line, position] = [reader.line(table.row[at] as number).ids, table.position[at] as number];
    return ids.every((token, index) => index === 0 || line[position - (ids.length - 1) + index] === token);
  });
  return ends.length / Math.max(strongest.length, 1);
}

function writing(reader: IndexReader, output: string, words: Words): ReadonlyMap<number, Candidate> {
  const lowers = output.length > 1 && output.startsWith('-');
  const effects = new Map<number, { readonly effect: number }>();
  for (const token of idsOf(lowers ? output.slice(1) : output, words)) {
    for (const { neuron, effect } of reader.all(`SELECT neuron, effect FROM promoted WHERE token = ? AND effect ${lowers ? '<' : '>'} 0`, token)) {
      const before = effects.get(Number(neuron))?.effect ?? 0;
      if (Math.abs(Number(effect)) > Math.abs(before)) effects.set(Number(neuron), { effect: Number(effect) });
    }
  }
  return effects;
}

/** The first description of each neuron that has the words. */
function describedAs(reader: IndexReader, text: string): ReadonlyMap<number, Candidate> {
  const wanted = text.trim().toLocaleLowerCase();
  if (wanted === '') throw new CogscopeError('usage', 'There is nothing to look for', 'Write words of a description');
  const all = reader.all('SELECT neuron, source, description, score FROM described ORDER BY neuron, source');
  if (all.length === 0) throw new CogscopeError('usage', 'The index has no descriptions', 'Import a list of them first');
  const found = new Map<number, Candidate>();
  for (const one of all) {
    const described = decodeDescription(one as unknown as DescriptionRecord);
    if (described.text.toLocaleLowerCase().includes(wanted) && !found.has(Number(one['neuron']))) found.set(Number(one['neuron']), { described });
  }
  return found;
}
