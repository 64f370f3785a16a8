/** What others say of neurons, as the index keeps it. */
import type { NeuronDescription } from '../../../shared/neurons/described.ts';
import type { DescribedNeuron } from '../described/readList.ts';
import type { NeuronIndex } from './index.ts';
import { UNITS } from './schema.ts';
import type { Database } from './sqlite.ts';

/** In place of all that the same sources said before; how many that were. */
export function replaceDescriptions(index: NeuronIndex, list: readonly DescribedNeuron[]): number {
  let replaced = 0;
  index.transaction((database) => {
    // At once: a source is found by no key.
    const sources = JSON.stringify([...new Set(list.map(({ source }) => source))]);
    replaced = Number(database.prepare('DELETE FROM described WHERE source IN (SELECT value FROM json_each(?))').run(sources).changes);
    writeDescriptions(database, list.map(({ layer, neuron, source, text, score }) => ({ neuron: layer * UNITS + neuron, source, description: text, score })));
  });
  return replaced;
}

export function writeDescriptions(database: Database, list: readonly StoredDescription[]): void {
  const statement = database.prepare('INSERT INTO described (neuron, source, description, score) VALUES (?, ?, ?, ?)');
  for (const { neuron, source, description, score } of list) statement.run(neuron, source, description, score);
}

/** Of an index of any version: of one that keeps none, or keeps them otherwise, there are none. */
export function storedDescriptions(database: Database): readonly StoredDescription[] {
  const known = database.prepare("SELECT count(*) AS columns FROM pragma_table_info('described') WHERE name IN ('neuron', 'source', 'description', 'score')").get()?.['columns'];
  return known === 4 ? database.prepare('SELECT neuron, source, description, score FROM described').all() as unknown as readonly StoredDescription[] : [];
}

export interface DescriptionRecord {
  readonly source: string;
  readonly description: string;
  readonly score: number | null;
}

export interface StoredDescription extends DescriptionRecord {
  /** layer * UNITS + neuron. */
  readonly neuron: number;
}

export const decodeDescription = ({ source, description, score }: DescriptionRecord): NeuronDescription => ({ text: description, source, score });
