import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const here = import.meta.dirname;
const serverMain = join(here, 'node_modules/code-server/lib/vscode/out/server-main.js');

/** Settings that make a window quiet and alike everywhere; a test may override them. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.colorTheme': 'Dark Modern',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'explorer.compactFolders': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
};

export interface ServerOptions {
  /** User settings, over the quiet ones. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Reaches the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  /** A folder of installed extensions; an empty one of its own without. */
  readonly extensionsDir?: string;
  /** Ask before running code of a folder, as an editor does for a person. */
  readonly restricted?: boolean;
  /** The workbench's own test driver: tells when it is restored and loads extensions from their sources, but hides toasts. */
  readonly smokeDriver?: boolean;
  /** Where to listen; any free port without. */
  readonly port?: number;
  /** A secret that the address must carry. Without it anyone on this machine may connect. */
  readonly token?: string;
  /** How long the extension host waits for a window that has gone without a word; 5 without. */
  readonly graceSeconds?: number;
  /** The server leaves as soon as its window has gone. It then does not survive a reload. */
  readonly oneShot?: boolean;
}

export interface Server {
  readonly port: number;
  /** Where the server keeps the user's data and its logs; removed by `stop`. */
  readonly dataDir: string;
  /** The address of a window on a folder. `payload` are the workbench's own options, as pairs. */
  url(folder: string, payload?: readonly (readonly [string, string])[]): string;
  /** How the workbench names a file of this machine. */
  remote(path: string): string;
  /** All that the server has printed. */
  log(): string;
  /** Resolves once the server has printed this; rejects when it ends before, or after `timeout` ms. */
  printed(pattern: RegExp, timeout: number): Promise<RegExpMatchArray>;
  /** Resolves when the server has ended, by itself or by `stop`. */
  readonly ended: Promise<void>;
  /** Ends the server and everything that it started. */
  stop(): Promise<void>;
}

function serverArguments(dataDir: string, options: ServerOptions): string[] {
  return [
    serverMain,
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0)],
    ...(options.token === undefined ? ['--without-connection-token'] : ['--connection-token', options.token]),
    ...['--accept-server-license-terms', '--telemetry-level', 'off'],
    ...['--server-data-dir', dataDir, '--extensions-dir', options.extensionsDir ?? join(dataDir, 'ext')],
    ...['--reconnection-grace-time', String(options.graceSeconds ?? 5)],
    ...(options.oneShot === true ? ['--enable-remote-auto-shutdown', '--remote-auto-shutdown-without-delay'] : []),
    ...(options.restricted === true ? [] : ['--disable-workspace-trust']),
    ...(options.smokeDriver === true ? ['--enable-smoke-test-driver'] : []),
  ];
}

/** Starts the server build of VS Code on this machine only, with a profile of its own. Needs install.mjs to have run. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cogscope-server-'));
  const userDir = join(dataDir, 'data/User');
  mkdirSync(userDir, { recursive: true });
  // Read once, at the start: an edit made later is not seen.
  writeFileSync(join(userDir, 'settings.json'), JSON.stringify({ ...QUIET, ...options.settings }, undefined, 2));

  const child = spawn(process.execPath, [join(here, 'guard.mjs'), dataDir, process.execPath, ...serverArguments(dataDir, options)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...options.env },
  });

  let log = '';
  let ended = false;
  const watchers = new Set<() => void>();
  const changed = (): void => watchers.forEach((watch) => watch());
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      changed();
    });
  }
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      changed();
      resolve();
    });
  });

  const printed = (pattern: RegExp, timeout: number): Promise<RegExpMatchArray> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        watchers.delete(look);
        act();
      };
      const fail = (why: string): void => settle(() => reject(new Error(`The VS Code server ${why} ${pattern.source}:\n${log.slice(-4000)}`)));
      const look = (): void => {
        const match = log.match(pattern);
        if (match !== null) settle(() => resolve(match));
        else if (ended) fail('ended before it printed');
      };
      const timer = setTimeout(() => fail(`has not within ${timeout} ms printed`), timeout);
      watchers.add(look);
      look();
    });

  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect(); // The guard does the rest.
    await gone;
  };

  try {
    const port = Number((await printed(/Extension host agent listening on (\d+)/, 20_000))[1]);
    const remote = (path: string): string => `vscode-remote://127.0.0.1:${port}${path}`;
    return {
      port,
      dataDir,
      remote,
      url: (folder, payload = []) => {
        const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
        if (options.token !== undefined) query.set('tkn', options.token);
        return `http://127.0.0.1:${port}/?${query}`;
      },
      log: () => log,
      printed,
      ended: gone,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Installs a VSIX into a folder of extensions, which `startServer` can then be given. */
export async function installExtension(vsix: string, extensionsDir: string): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cogscope-server-'));
  try {
    const where = ['--server-data-dir', dataDir, '--extensions-dir', extensionsDir];
    await promisify(execFile)(process.execPath, [serverMain, '--accept-server-license-terms', ...where, '--install-extension', vsix, '--force']);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
