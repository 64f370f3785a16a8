/** The meanings of a layer's neurons, from what was kept of them while the text was read. */
import { CogscopeError } from '../../../shared/errors.ts';
import { mix } from '../hash.ts';
import { SKETCH } from '../probes/probes.ts';
import type { ExampleTable } from '../state/examples.ts';
import type { MlpState } from '../state/mlp.ts';
import { normalise } from './cluster.ts';
import { FIRES, readMeanings } from './read.ts';
import type { Examples, Knowledge, Meanings } from './read.ts';

/** A place of the table that belongs to no reading. */
export const NO_READING = 255;
/** Neurons between two looks at whether to stop. */
const BREATH = 64;

export interface NeuronMeaningsMade {
  readonly meanings: Omit<Meanings, 'group'>;
  /** The reading of each place of the table. */
  readonly places: Uint8Array;
  readonly tokens: readonly FiredOn[];
}

/** A token that a neuron fires on. */
export interface FiredOn {
  readonly id: number;
  /** Of the neuron's examples. */
  readonly share: number;
  /** The largest. */
  readonly activation: number;
}

/** Of its examples, those on a token that is noted. */
const NOTED = 0.04;

export type Rows = (row: number) => Uint32Array;

/** By neuron; undefined for those that never fire. Throws 'cancelled' where the signal is. */
export async function readLayer({ layer, neurons, largest, examples }: MlpState, rows: Rows, knowledge: Knowledge, signal: AbortSignal): Promise<readonly (NeuronMeaningsMade | undefined)[]> {
  const mean = meanState(examples);
  const made: (NeuronMeaningsMade | undefined)[] = [];
  for (let neuron = 0; neuron < neurons; neuron++) {
    if (neuron % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) throw new CogscopeError('cancelled', 'Paused with all text indexed', 'Start it again to finish the index');
    const chosen = firing(examples, neuron, largest[neuron] as number);
    if (chosen.length === 0) {
      made.push(undefined);
      continue;
    }
    const { group, ...meanings } = readMeanings(examplesOf(examples, chosen, mean, rows, knowledge), knowledge, mix(layer, neuron));
    const places = new Uint8Array(examples.places).fill(NO_READING);
    chosen.forEach((at, index) => (places[at - neuron * examples.places] = group[index] as number));
    made.push({ meanings, places, tokens: firedOn(examples, chosen, rows) });
  }
  return made;
}

/** Those that count as firing, one a context, the strongest first. */
function firing(table: ExampleTable, neuron: number, largest: number): readonly number[] {
  return table.strongestOfContexts(neuron).filter((at) => {
    const value = table.value[at] as number;
    return value > 0 && value >= FIRES * largest;
  });
}

function firedOn(table: ExampleTable, chosen: readonly number[], rows: Rows): readonly FiredOn[] {
  const counts = new Map<number, { count: number; activation: number }>();
  for (const at of chosen) {
    const id = rows(table.row[at] as number)[table.position[at] as number] ?? 0;
    const known = counts.get(id) ?? { count: 0, activation: 0 };
    counts.set(id, { count: known.count + 1, activation: Math.max(known.activation, table.value[at] as number) });
  }
  return [...counts].map(([id, { count, activation }]) => ({ id, share: count / chosen.length, activation })).filter(({ share }) => share >= NOTED);
}

function examplesOf(table: ExampleTable, chosen: readonly number[], mean: Float32Array, rows: Rows, { traits }: Knowledge): Examples {
  const states = new Float32Array(chosen.length * SKETCH);
  chosen.forEach((at, index) => {
    const own = states.subarray(index * SKETCH, (index + 1) * SKETCH);
    own.set(table.sketch.subarray(at * SKETCH, (at + 1) * SKETCH));
    normalise(own);
    for (let part = 0; part < SKETCH; part++) own[part] = (own[part] as number) - (mean[part] as number);
    normalise(own);
  });
  return {
    features: chosen.map((at) => traits.at(rows(table.row[at] as number), table.position[at] as number)),
    states, width: SKETCH, activations: Float32Array.from(chosen, (at) => table.value[at] as number),
  };
}

/** What all states of a layer have in common, which would hide what tells them apart. */
function meanState(table: ExampleTable): Float32Array {
  const sum = new Float64Array(SKETCH);
  const own = new Float32Array(SKETCH);
  let count = 0;
  for (let at = 0; at < table.value.length; at++) {
    if (table.value[at] === -Infinity) continue;
    own.set(table.sketch.subarray(at * SKETCH, (at + 1) * SKETCH));
    normalise(own);
    for (let part = 0; part < SKETCH; part++) sum[part] = (sum[part] as number) + (own[part] as number);
    count++;
  }
  return Float32Array.from(sum, (value) => value / Math.max(count, 1));
}
