import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from './paths.mjs';
import { npm } from './run.mjs';
import { behindStamp } from './stamp.mjs';
import { Plain, step } from './steps.mjs';

/** The Node that everything here runs under. It runs TypeScript directly, and the editor's server build needs it. */
export const NODE_VERSION = '24.21.0';

const folder = join(tools, 'node');
const platform = process.platform === 'win32' ? 'win' : process.platform;
const name = `node-${platform}-${process.arch}`;
const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

async function install() {
  await step('Node', `installing ${NODE_VERSION} from npm`, async (done) => {
    await behindStamp(join(tools, 'node.stamp'), `${name}@${NODE_VERSION}`, async () => {
      mkdirSync(folder, { recursive: true });
      await npm(['install', '--prefix', folder, '--no-save', '--no-package-lock', `${name}@${NODE_VERSION}`], { cwd: folder });
    });
    if (!existsSync(binary)) throw new Plain(`There is no ready-made Node ${NODE_VERSION} for ${process.platform} on ${process.arch}. Install that version yourself and run this again with it.`);
    done(`${NODE_VERSION}, in .tools`);
  });
}

/**
 * Runs this same script again under the pinned Node and never returns, unless it already runs under it.
 * The second process ends when the first one goes, however it goes; signals reach it too.
 */
export async function underPinnedNode() {
  if (process.versions.node === NODE_VERSION) {
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    process.channel?.unref();
    return;
  }
  if (!existsSync(binary)) await install();
  const child = spawn(binary, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {}); // The terminal sends it to both; the child tidies up and decides the exit code.
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? code : 1));
  });
  process.exit(code);
}
