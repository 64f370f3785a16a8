/** Starts the engine as a process of its own and speaks with it. The editor and the command line both do. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { EngineApi } from '../shared/protocol/engineApi.ts';
import { Connection } from '../shared/rpc/connection.ts';
import type { CallOptions, Params, Result } from '../shared/rpc/connection.ts';
import type { Port } from '../shared/rpc/frames.ts';

export interface EngineProcessOptions {
  /** The bundled engine, dist/engine.js. */
  readonly script: string;
  /** Threads within an operator; 0 leaves it to the runtime. */
  readonly threads: number;
  /** What the engine writes to its standard streams: a native library's last words. */
  readonly onOutput?: (text: string) => void;
}

/** How the process ended: an exit code or the signal that ended it. */
export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It was asked to end. */
  readonly expected: boolean;
}

export class EngineProcess {
  readonly exited: Promise<EngineExit>;
  private readonly child: ChildProcess;
  private readonly connection: Connection;
  private readonly api;
  private ending = false;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.connection = new Connection(childPort(child));
    this.api = this.connection.client<EngineApi>();
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal, expected: this.ending }));
      child.once('error', () => resolve({ code: null, signal: null, expected: this.ending }));
    });
  }

  static start(options: EngineProcessOptions): EngineProcess {
    const child = fork(options.script, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Flags of the parent, such as a debugger's, are not the engine's. Reading a graph makes many small objects that all stay: a young
      // generation of 4 MB from the start spares copying them again and again. A larger one would spare a little more copying, at the price
      // of memory that is touched for the first time, which costs as much and stays.
      execArgv: ['--min-semi-space-size=4'],
      // In an Electron program, the executable is Node only when it is told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', ...(options.threads > 0 ? { COGSCOPE_THREADS: String(options.threads) } : {}) },
    });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
    return new EngineProcess(child);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Calls a method of the engine; rejects with 'engine-died' when the process ends first. */
  call<K extends keyof EngineApi & string>(method: K, params: Params<EngineApi, K>, options?: CallOptions): Promise<Result<EngineApi, K>> {
    return this.api.call(method, params, options);
  }

  /** Lets the process end by itself, which takes until its present stage is done; after `graceMs` it is ended. */
  async finish(graceMs: number): Promise<void> {
    this.ending = true;
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** Ends the process at once, whatever it computes. */
  async end(): Promise<void> {
    this.ending = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

function childPort(child: ChildProcess): Port {
  return {
    send: (frame) => {
      // A message to a process that has just ended is lost like the process; the close settles its call.
      if (child.connected) child.send(frame, () => undefined);
    },
    onFrame: (listener) => {
      child.on('message', listener);
      return () => child.off('message', listener);
    },
    onClose: (listener) => {
      const exited = (code: number | null, signal: NodeJS.Signals | null): void => listener(`The engine ended unexpectedly (${signal ?? `exit code ${code}`})`);
      const failed = (error: Error): void => listener(`The engine could not be started: ${error.message}`);
      child.once('exit', exited);
      child.once('error', failed);
      return () => child.off('exit', exited).off('error', failed);
    },
  };
}
