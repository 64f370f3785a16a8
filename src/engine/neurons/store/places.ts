/** Where neurons fire most, found by the place: who fires alike is not looked for among all. */
import type { ExampleTable } from '../state/examples.ts';
import { TOP } from '../state/mlp.ts';
import type { MlpState } from '../state/mlp.ts';
import { UNITS } from './schema.ts';
import type { Database } from './sqlite.ts';

/** Positions are numbers of 16 bits. */
const placeOf = (row: number, position: number): number => row * 2 ** 16 + position;

/** Of a unit's strongest examples above 0, no context twice. */
export function strongestPlaces(table: ExampleTable, unit: number): readonly number[] {
  const strongest = table.strongestOfContexts(unit).filter((at) => (table.value[at] as number) > 0).slice(0, TOP);
  return strongest.map((at) => placeOf(table.row[at] as number, table.position[at] as number));
}

export function writePlaces(database: Database, { layer, neurons, examples }: MlpState): void {
  const statement = database.prepare('INSERT INTO strongest VALUES (?, ?, ?)');
  const all = Array.from({ length: neurons }, (_, neuron) => strongestPlaces(examples, neuron));
  const written = all.flatMap((places, neuron) => places.map((place) => [place, layer * UNITS + neuron, places.length] as const));
  // In the table's own order, so that each of its pages is come to once.
  for (const row of written.sort((a, b) => a[0] - b[0])) statement.run(...row);
}
