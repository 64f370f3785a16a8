import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { npm, run } from './run.mjs';
import { behindStamp, fingerprint } from './stamp.mjs';
import { step } from './steps.mjs';

/** Installs what the lock file names, unless it was done for this very lock file. */
export function installPackages() {
  return step('Packages', 'npm ci', async (done) => {
    const key = fingerprint({ files: ['package-lock.json', '.npmrc'].map((file) => join(root, file)), strings: [process.platform, process.arch] });
    const worked = await behindStamp(join(root, 'node_modules/.stamp'), key, () => npm(['ci'], { cwd: root }));
    done(worked ? 'installed by npm ci' : 'as the lock file says');
  });
}

/** Bundles the extension, the engine, the command line and the panels. Always done: it takes a moment. */
export function build(...flags) {
  return step('Build', 'esbuild', async (done) => {
    await run(process.execPath, [join(root, 'esbuild.mjs'), ...flags], { cwd: root });
    const files = readdirSync(join(root, 'dist'), { recursive: true }).filter((file) => /\.c?js$/.test(file));
    done(`${files.length} bundles in dist/`);
  });
}
