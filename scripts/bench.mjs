/** npm run bench [-- …]: builds, then runs bench/main.ts with the given arguments. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { underPinnedNode } from './lib/pinned-node.mjs';
import { build, installPackages } from './lib/setup.mjs';
import { main } from './lib/steps.mjs';

await underPinnedNode();

await main(async () => {
  await installPackages();
  await build('--production');
  const child = spawn(process.execPath, [join(root, 'bench/main.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
