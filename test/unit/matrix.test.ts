/** The committed matrix: the README tells it, every cell has a state, and enough of them are proved. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { committedRows, matrixCounts, withMatrix } from '../engine/lib/table.ts';

test('the README has the matrix as it is committed (node scripts/matrix.mjs writes it)', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  assert.equal(readme, withMatrix(readme));
});

test('every cell that was exported has a state, and no state is without a cell', () => {
  for (const { name, cells, states } of committedRows()) {
    const exported = Object.entries(cells).filter(([, cell]) => !('notExported' in cell)).map(([exporter]) => exporter);
    assert.deepEqual(Object.keys(states).sort(), exported.sort(), name);
  }
});

test('at least nine in ten of the cells that could be exported are proved', () => {
  const { proved, refused } = matrixCounts(committedRows());
  assert.ok(proved >= 0.9 * (proved + refused), `${proved} of ${proved + refused}`);
});
