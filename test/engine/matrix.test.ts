/**
 * The matrix: every architecture in every exporter's form is what its states.json says, and nothing that is shown is wrong.
 * COGSCOPE_CELLS=ARCHITECTURE[,EXPORTER] runs a part.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { architectures, cellsOf, statesOf } from './lib/cells.ts';
import type { State } from './lib/cells.ts';
import { judge } from './lib/judge.ts';
import { matrixTable } from './lib/table.ts';

const found = new Map<string, Record<string, State>>();

for (const cell of cellsOf(process.env.COGSCOPE_CELLS)) {
  const { architecture, exporter } = cell;
  test(`${architecture} x ${exporter}`, async () => {
    const { state, wrong } = await judge(cell);
    found.set(architecture, { ...found.get(architecture), [exporter]: state });
    assert.deepEqual(wrong, [], 'nothing that is shown is wrong');
    assert.deepEqual(state, statesOf(architecture)[exporter], 'the cell is what states.json says (node scripts/matrix.mjs --states writes it)');
  });
}

test('the table', (context) => {
  const rows = [...found].map(([name, states]) => ({ name, cells: architectures.get(name)?.cells ?? {}, states }));
  context.diagnostic(matrixTable(rows));
});
