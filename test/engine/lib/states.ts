/** Writes what came of the cells as what is expected of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectures, cellsFolder, cellsOf, statesOf } from './cells.ts';
import type { State } from './cells.ts';
import { judge } from './judge.ts';

/** What is wrong in the cells, a line each: such cells get no state. */
export async function writeStates(only?: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  const found = new Map<string, Record<string, State>>();
  for (const cell of cellsOf(only)) {
    const { architecture, exporter } = cell;
    const verdict = await judge(cell);
    wrong.push(...verdict.wrong.map((line) => `${architecture} x ${exporter}: ${line}`));
    if (verdict.wrong.length === 0) found.set(architecture, { ...found.get(architecture), [exporter]: verdict.state });
  }
  for (const [architecture, states] of found) {
    const all: Readonly<Record<string, State>> = { ...statesOf(architecture), ...states };
    const exported = Object.entries(architectures.get(architecture)?.cells ?? {}).filter(([, record]) => !('notExported' in record)).map(([exporter]) => exporter);
    const ordered = Object.fromEntries(exported.flatMap((exporter) => (all[exporter] === undefined ? [] : [[exporter, all[exporter]]])));
    writeFileSync(join(cellsFolder, architecture, 'states.json'), `${JSON.stringify(ordered, undefined, 1)}\n`);
  }
  return wrong;
}
