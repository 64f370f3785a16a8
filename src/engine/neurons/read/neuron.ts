/** What an index tells of one neuron. */
import { CogscopeError } from '../../../shared/errors.ts';
import { neuronAddress } from '../../../shared/addresses.ts';
import type { NeuronExample, NeuronFigures, OutputTokens, TokenEffect } from '../../../shared/neurons/figures.ts';
import { isDead, isDense } from '../figures.ts';
import { NO_READING } from '../readings/layer.ts';
import { ExampleTable } from '../state/examples.ts';
import { BINS, PLACES } from '../state/mlp.ts';
import { decodeDescription } from '../store/described.ts';
import type { DescriptionRecord } from '../store/described.ts';
import { decodeEffects } from '../store/effects.ts';
import type { RankedTokens } from '../store/effects.ts';
import { decodeReadings } from '../store/readings.ts';
import type { ReadingRecord } from '../store/readings.ts';
import { UNITS } from '../store/schema.ts';
import { contextOf, placeOf } from './context.ts';
import type { Decode } from './context.ts';
import { float32, float64, uint32 } from './reader.ts';
import type { IndexReader } from './reader.ts';

interface Histogram {
  readonly low: number;
  readonly high: number;
  readonly counts: Uint32Array;
}

/** Throws 'usage' where there is no such neuron in the index. */
export function neuronFigures(reader: IndexReader, layer: number, neuron: number, decode: Decode): NeuronFigures {
  const address = neuronAddress('', layer, neuron);
  assertKnown(reader, layer, neuron);
  const { sum, firing, largest, ...histogram } = readFigures(reader, layer, neuron);
  const { tokens, finished } = reader.state;
  const found = reader.one('SELECT meanings, sure, readings, places FROM reading WHERE id = ?', layer * UNITS + neuron);
  const meanings = found ? decodeReadings(found as unknown as ReadingRecord) : { readings: [], meanings: 0, sure: null };
  return {
    ...meanings, address, tokens, finished, firingRate: tokens > 0 ? firing / tokens : 0, mean: tokens > 0 ? sum / tokens : 0, max: Number.isFinite(largest) ? largest : 0,
    dead: isDead(firing, tokens), dense: isDense(firing, tokens),
    histogram: { ...histogram, counts: [...histogram.counts], sampled: total(histogram.counts) },
    examples: examplesOf(reader, layer, neuron, { histogram, places: found?.['places'] as Uint8Array | undefined }, decode), outputTokens: outputTokens(reader, layer, neuron, decode),
    described: reader.all('SELECT source, description, score FROM described WHERE neuron = ? ORDER BY source', layer * UNITS + neuron).map((one) => decodeDescription(one as unknown as DescriptionRecord)),
  };
}

/** Throws 'usage' where there is no such neuron in the index. */
export function assertKnown(reader: IndexReader, layer: number, neuron: number): void {
  const address = neuronAddress('', layer, neuron);
  const known = reader.one('SELECT neurons FROM mlp WHERE layer = ?', layer)?.['neurons'];
  if (known === undefined) throw new CogscopeError('usage', `The index has no neurons of layer ${layer}`, 'Name a neuron of a layer that it has', address);
  if (neuron >= Number(known)) throw new CogscopeError('usage', `Layer ${layer} has ${known} neurons`, `Name one from L${layer}N0 to L${layer}N${Number(known) - 1}`, address);
}

function outputTokens(reader: IndexReader, layer: number, neuron: number, decode: Decode): OutputTokens {
  const { effects } = reader;
  if (!effects) return { kind: 'none', reason: 'The index is not finished' };
  const encoded = reader.one('SELECT tokens FROM effect WHERE id = ?', layer * UNITS + neuron)?.['tokens'];
  if (effects.norm === null || !encoded) return { kind: 'none', reason: effects.layers[layer] ?? (effects.reason || 'The index is not finished') };
  const { top, bottom } = decodeEffects(encoded as Uint8Array);
  const named = ({ ids, effects: values }: RankedTokens): readonly TokenEffect[] => Array.from(ids, (id, at) => ({ token: decode(id), id, effect: values[at] ?? 0 }));
  return { kind: 'effects', norm: effects.norm, top: named(top), bottom: named(bottom) };
}

/** Only the neuron's own bytes of its layer's columns. */
function readFigures(reader: IndexReader, layer: number, neuron: number): Histogram & { readonly sum: number; readonly firing: number; readonly largest: number } {
  const columns = [['sum', 8], ['firing', 8], ['largest', 4], ['low', 4], ['high', 4], ['histogram', 4 * BINS]] as const;
  const parts = columns.map(([name, size]) => `substr(${name}, ${neuron * size + 1}, ${size}) AS ${name}`);
  const found = reader.one(`SELECT ${parts.join(', ')} FROM mlp WHERE layer = ?`, layer) ?? {};
  const bytes = (name: (typeof columns)[number][0]): Uint8Array => found[name] as Uint8Array;
  return {
    sum: float64(bytes('sum'))[0] ?? NaN, firing: float64(bytes('firing'))[0] ?? NaN, largest: float32(bytes('largest'))[0] ?? NaN,
    low: float32(bytes('low'))[0] ?? NaN, high: float32(bytes('high'))[0] ?? NaN, counts: uint32(bytes('histogram')),
  };
}

/** The strongest of each context. */
function examplesOf(reader: IndexReader, layer: number, neuron: number, { histogram, places }: { readonly histogram: Histogram; readonly places: Uint8Array | undefined }, decode: Decode): readonly NeuronExample[] {
  const encoded = reader.examples('neuron', layer, neuron);
  if (!encoded) return [];
  const table = new ExampleTable(1, PLACES);
  table.decode(0, encoded);
  return table.strongestOfContexts(0).map((at) => {
    const [activation, position] = [table.value[at] as number, table.position[at] as number];
    const line = reader.line(table.row[at] as number);
    return {
      ...placeOf(line, position), activation, quantile: quantileOf(activation, histogram), bin: binOf(activation, histogram), reading: places === undefined || places[at] === NO_READING ? null : places[at] ?? null,
      token: decode(line.ids[position] ?? 0), context: contextOf(line, position, decode),
    };
  });
}

const total = (counts: Uint32Array): number => counts.reduce((sum, count) => sum + count, 0);

function binOf(value: number, { low, high }: Histogram): number {
  return Math.min(Math.max(Math.floor(((value - low) / (high - low)) * BINS), 0), BINS - 1);
}

/** The share of the tokens up to a value, as if those of a bin lay evenly in it. */
function quantileOf(value: number, histogram: Histogram): number {
  const { low, high, counts } = histogram;
  const bin = binOf(value, histogram);
  const within = Math.min(Math.max(((value - low) / (high - low)) * BINS - bin, 0), 1);
  const all = total(counts);
  return all === 0 ? 0 : (total(counts.subarray(0, bin)) + within * (counts[bin] ?? 0)) / all;
}
