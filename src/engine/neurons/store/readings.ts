/** What neurons mean, as the index keeps it. */
import type { NeuronMeanings } from '../../../shared/neurons/readings.ts';
import type { NeuronMeaningsMade } from '../readings/layer.ts';
import { UNITS } from './schema.ts';
import type { Database } from './sqlite.ts';

export function writeReadings(database: Database, layer: number, made: readonly (NeuronMeaningsMade | undefined)[]): void {
  const statement = database.prepare('INSERT INTO reading VALUES (?, ?, ?, ?, ?)');
  const fires = database.prepare('INSERT INTO fires VALUES (?, ?, ?, ?)');
  for (const [neuron, one] of made.entries()) {
    if (!one) continue;
    const { meanings: { meanings, sure, readings }, places, tokens } = one;
    statement.run(layer * UNITS + neuron, meanings, sure, JSON.stringify(readings), places);
    for (const { id, share, activation } of tokens) fires.run(id, layer * UNITS + neuron, share, activation);
  }
}

export interface ReadingRecord {
  readonly meanings: number;
  readonly sure: number | null;
  readonly readings: string;
}

export const decodeReadings = ({ meanings, sure, readings }: ReadingRecord): NeuronMeanings => ({ meanings, sure, readings: JSON.parse(readings) as NeuronMeanings['readings'] });
