import { spawn } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { out, root } from './paths.mjs';
import { endGroup, ownGroup } from './processes.mjs';
import { readLines, showFile } from './run-files.mjs';

const PATTERN = 'test/vscode/inhost/**/*.test.ts';
const log = join(out, 'logs/inhost.log');

/**
 * Runs the tests inside the extension host, all files in one VS Code, and prints one line per file.
 * @param {{ filter?: string, only?: string, desktop?: boolean, timeout: number }} options as for `runFiles`; `timeout` is for all of them
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runInHost({ filter = '', only = '', desktop = false, timeout }) {
  const total = { passed: 0, failed: 0 };
  const files = globSync(PATTERN, { cwd: root }).filter((file) => file.includes(only));
  if (files.length === 0) return total;

  const scratch = mkdtempSync(join(tmpdir(), 'cogscope-test-'));
  const results = join(scratch, 'results');
  const start = performance.now();
  const args = [join(root, 'test/vscode/harness/run-inhost.ts'), results, filter, only, desktop ? 'desktop' : 'server'];
  const child = ownGroup(spawn(process.execPath, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child, 'SIGKILL');
  }, timeout);
  const [code, signal] = await new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
  clearTimeout(timer);
  endGroup(child, 'SIGKILL');

  const lines = readLines(results);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(join(out, 'logs'), { recursive: true });
  writeFileSync(log, output);

  const ms = performance.now() - start;
  const tests = lines.filter((line) => line.verdict !== undefined);
  const complete = lines.some((line) => line.end);
  if (late || !complete || (code !== 0 && !tests.some((line) => line.verdict === 'failed'))) {
    const how = late ? `It was still running after ${timeout / 1000} s` : `VS Code ended with ${signal ?? `exit code ${code}`}${complete ? '' : ' before all tests had ended'}`;
    const error = `${how}. All that it printed is in ${relative(root, log)}.`;
    tests.push({ verdict: 'failed', name: 'the run as a whole', file: 'test/vscode/inhost', error });
  }
  for (const file of new Set(tests.map((line) => line.file))) {
    const { passed, failed } = showFile(file, { tests: tests.filter((line) => line.file === file), output: '' }, ms, filter);
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}
