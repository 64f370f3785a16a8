/**
 * node scripts/matrix.mjs [--states [ARCHITECTURE[,EXPORTER]]]: writes the matrix of test/fixtures/cells into the README.
 * --states first judges the cells and writes what came of them as what is expected from now on: read the difference.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { underPinnedNode } from './lib/pinned-node.mjs';

await underPinnedNode();

const at = process.argv.indexOf('--states');
if (at >= 0) {
  const { writeStates } = await import('../test/engine/lib/states.ts');
  const wrong = await writeStates(process.argv[at + 1]);
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
}
const { withMatrix } = await import('../test/engine/lib/table.ts');
const readme = join(root, 'README.md');
writeFileSync(readme, withMatrix(readFileSync(readme, 'utf8')));
