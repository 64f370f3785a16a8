import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../../../scripts/lib/run.mjs';
import { behindStamp, fingerprint } from '../../../scripts/lib/stamp.mjs';
import { step } from '../../../scripts/lib/steps.mjs';

const here = import.meta.dirname;
const vscode = join(here, 'node_modules/code-server/lib/vscode');

/** Compiled when installed, or large, and not needed by a window that edits and runs one extension. */
const UNNEEDED = [
  '@github/copilot-sdk',
  '@devcontainers/cli',
  '@microsoft/mxc-sdk',
  'kerberos',
  'ssh2',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  '@vscode/sandbox-runtime',
  '@vscode/tree-sitter-wasm',
];

/** Installs the server build of VS Code from npm, without compiling anything, unless it is there already. */
export function installServerBuild() {
  return step('VS Code', 'installing the server build from npm', async (done) => {
    const files = ['package-lock.json', 'install.mjs', 'spdlog.cjs'].map((file) => join(here, file));
    const worked = await behindStamp(join(here, 'node_modules/.stamp'), fingerprint({ files }), async () => {
      await npm(['ci'], { cwd: here });
      await npm(['uninstall', ...UNNEEDED, '--omit=dev'], { cwd: vscode });
      copyFileSync(join(here, 'spdlog.cjs'), join(vscode, 'node_modules/@vscode/spdlog/index.js'));
    });
    done(worked ? 'server build installed from npm' : 'server build, in test/vscode/harness');
  });
}

/** Is the server build there, whatever its version? */
export const hasServerBuild = () => existsSync(join(here, 'node_modules/.stamp'));
