/** Runs the built command line as a process of its own, as a shell does. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** The built command line. */
export const script = join(import.meta.dirname, '..', '..', '..', 'dist', 'cli.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
  private stdout = '';
  private stderr = '';

  constructor(args: readonly string[], folder?: string) {
    this.child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...(folder === undefined ? {} : { cwd: folder }) });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr })));
  }

  /** The engine, as soon as it is there. Fails where the command line ends without one. */
  async engine(): Promise<number> {
    const { pid } = this.child;
    assert.ok(pid !== undefined, 'the command line started');
    while (this.child.exitCode === null) {
      const [engine] = childrenOf(pid);
      if (engine !== undefined) return engine;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return assert.fail(`the command line ended before it had an engine: ${this.stderr}`);
  }

  /** Waits until stderr holds `text`. */
  async says(text: string): Promise<void> {
    while (!this.stderr.includes(text)) {
      const more = await Promise.race([new Promise((resolve) => this.child.stderr.once('data', () => resolve(true))), this.ended.then(() => false)]);
      assert.ok(more || this.stderr.includes(text), `"${text}" never came: ${this.stderr}`);
    }
  }
}

/** What stderr tells of a command that has lasted two seconds, as any does on a busy machine. */
const PROGRESS = /^(Reading the model|Loading the first stage|Checking the anatomy|Running|Continuing)[^\n]*\n/gm;

/** A command from its start to its end, without its lines of progress. */
export async function cogscope(...args: readonly string[]): Promise<Ended> {
  const { stderr, ...ended } = await new Running(args).ended;
  return { ...ended, stderr: stderr.replace(PROGRESS, '') };
}

/** The one JSON document on stdout of a command that succeeds. */
export async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await cogscope(...args, '--json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function childrenOf(pid: number): readonly number[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  if (existsSync(list)) return words(readFileSync(list, 'utf8'));
  try {
    return words(execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }));
  } catch {
    return []; // pgrep ends with 1 where there is none.
  }
}

const words = (text: string): readonly number[] => text.split(/\s+/).filter((word) => word !== '').map(Number);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
