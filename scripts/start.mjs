/**
 * npm start [-- --no-open --port N --server]: sets up, builds, and opens the example workspace in VS Code with the extension running: in a
 * desktop VS Code that is installed, else in one that is downloaded, else in the server build from npm in the browser.
 * Ctrl-C ends all of it.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { desktopArguments, findDesktop, hasDisplay, openInBrowser } from './lib/desktop.mjs';
import { root, tools } from './lib/paths.mjs';
import { underPinnedNode } from './lib/pinned-node.mjs';
import { ownGroup } from './lib/processes.mjs';
import { build, installPackages } from './lib/setup.mjs';
import { main, Plain, step } from './lib/steps.mjs';

await underPinnedNode();

const folder = join(root, 'examples');
const PROBE_MS = 5000;

/** Can a desktop VS Code be downloaded from here? Asks for one, without taking it. */
async function canDownload() {
  try {
    const response = await fetch('https://update.code.visualstudio.com/latest/linux-x64/stable', { method: 'HEAD', signal: AbortSignal.timeout(PROBE_MS) });
    return response.ok;
  } catch {
    return false;
  }
}

/** The program of a desktop VS Code: installed, or downloaded; undefined where there is none to be had. */
async function desktopProgram() {
  if (!hasDisplay()) {
    return step('VS Code', 'no display here: the server build it is', () => undefined);
  }
  const installed = findDesktop();
  if (installed !== undefined) return step('VS Code', installed, () => installed);
  if (!(await step('VS Code', 'none installed; can one be downloaded?', async (done) => {
    const can = await canDownload();
    done(can ? 'none installed, one can be downloaded' : `none installed, none to download within ${PROBE_MS / 1000} s`);
    return can;
  }))) return undefined;
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  return step('VS Code', 'downloading the desktop program', async (done) => {
    try {
      const program = await downloadAndUnzipVSCode({ version: 'stable', cachePath: join(tools, 'vscode'), reporter: new SilentReporter() });
      done('desktop program, in .tools');
      return program;
    } catch {
      done('the download failed: the server build it is');
      return undefined;
    }
  });
}

async function openDesktop(program) {
  const child = ownGroup(spawn(program, desktopArguments({ extension: root, folder }), { cwd: root, detached: true, stdio: 'ignore' }));
  console.log('\nVS Code is opening the example workspace. Ctrl-C, or closing its window, ends it.');
  const [code] = await once(child, 'exit');
  if (code !== 0 && code !== null) throw new Plain(`VS Code ended with code ${code}. 'npm start -- --server' opens the example in the browser instead.`);
}

async function openServer({ port, open }) {
  if (process.platform === 'win32') throw new Plain('Install VS Code from its own site, and run npm start again: its server build does not run on Windows.');
  const { installServerBuild } = await import('../test/vscode/harness/install.mjs');
  await installServerBuild();
  const { startServer } = await import('../test/vscode/harness/server.ts');
  const { linkExtension } = await import('../test/vscode/harness/linkExtension.ts');
  const extensions = join(tools, 'server-extensions');
  linkExtension(extensions);
  const token = randomBytes(12).toString('hex');
  const server = await step('Server', 'starting', async (done) => {
    const started = await startServer({ token, graceSeconds: 600, extensionsDir: extensions, ...(port === undefined ? {} : { port }) });
    done(`listening on 127.0.0.1:${started.port}, for this machine only`);
    return started;
  });
  const url = server.url(folder, [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ]);
  console.log(`\nThe example workspace is at\n\n  ${url}\n`);
  console.log(open && hasDisplay() && openInBrowser(url) ? 'Your browser is opening it. Ctrl-C ends it.' : 'Open it in a browser on this machine. Ctrl-C ends it.');
  await server.ended;
}

await main(async () => {
  const { values } = parseArgs({ options: { open: { type: 'boolean', default: true }, server: { type: 'boolean' }, port: { type: 'string' } }, allowNegative: true });
  console.log('Cogscope');
  await installPackages();
  await build();
  const program = values.server || !values.open ? undefined : await desktopProgram();
  if (program !== undefined) await openDesktop(program);
  else await openServer({ port: values.port === undefined ? undefined : Number(values.port), open: values.open });
});
