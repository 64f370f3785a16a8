/** What others say of neurons, as the index keeps it. */
import type { NeuronDescription } from '../../../shared/neurons/described.ts';
import type { DescribedNeuron } from '../described/readList.ts';
import type { NeuronIndex } from './index.ts';
import { UNITS } from './schema.ts';

/** In place of all that the same sources said before; how many that were. */
export function replaceDescriptions(index: NeuronIndex, list: readonly DescribedNeuron[]): number {
  let replaced = 0;
  index.transaction((database) => {
    const gone = database.prepare('DELETE FROM described WHERE source = ?');
    for (const source of new Set(list.map((one) => one.source))) replaced += Number(gone.run(source).changes);
    const statement = database.prepare('INSERT INTO described VALUES (?, ?, ?, ?)');
    for (const { layer, neuron, source, text, score } of list) statement.run(layer * UNITS + neuron, source, text, score);
  });
  return replaced;
}

export interface DescriptionRecord {
  readonly source: string;
  readonly description: string;
  readonly score: number | null;
}

export const decodeDescription = ({ source, description, score }: DescriptionRecord): NeuronDescription => ({ text: description, source, score });
