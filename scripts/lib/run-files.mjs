import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endGroup, ownGroup } from './processes.mjs';
import { root } from './paths.mjs';
import { failure, indent, line, shorten } from './report.mjs';

const reporter = join(root, 'scripts/lib/test-events.mjs');
const PRINTED = 200; // lines of a failing file's output that are shown

/** Runs one test file in a process of its own, and ends whatever that leaves running. */
async function runFile(file, { filter, timeout, env }) {
  const scratch = mkdtempSync(join(tmpdir(), 'cogscope-test-'));
  const events = join(scratch, 'events');
  const args = ['--enable-source-maps', `--test-reporter=${reporter}`, `--test-reporter-destination=${events}`];
  if (filter !== undefined) args.push(`--test-name-pattern=/${filter}/i`);
  const child = ownGroup(spawn(process.execPath, [...args, file], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));

  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child, 'SIGKILL');
  }, timeout);
  const [code, signal] = await new Promise((resolve) => child.once('exit', (...how) => resolve(how)));
  clearTimeout(timer);
  endGroup(child, 'SIGKILL'); // Anything that outlived its test would hold a port or a core.

  const lines = readLines(events);
  rmSync(scratch, { recursive: true, force: true });
  const tests = lines.filter((entry) => entry.verdict !== undefined);
  const complete = lines.some((entry) => entry.end);
  if (late || !complete || (code !== 0 && !tests.some((entry) => entry.verdict === 'failed'))) {
    const how = signal ?? `exit code ${code}`;
    const error = late ? `It was still running after ${timeout / 1000} s: a test hangs, or something it started was not closed.` : `It ended with ${how}${complete ? '.' : ' before all of its tests had ended.'}`;
    tests.push({ verdict: 'failed', name: 'the file as a whole', file, error });
  }
  return { tests, diagnostics: lines.flatMap((entry) => entry.diagnostic ?? []), output };
}

/** The lines of JSON in a file of results; none where there is no such file. */
export function readLines(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map((text) => JSON.parse(text));
  } catch {
    return []; // Killed before, or while, it wrote: reported as incomplete.
  }
}

/** Prints what came of one file's tests, and what they tell (`diagnostics`). `output` is shown with failures. */
export function showFile(file, { tests, diagnostics = [], output }, ms, filter) {
  const count = (verdict) => tests.filter((entry) => entry.verdict === verdict).length;
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(count);
  if (tests.length > 0 || filter === undefined) {
    const parts = [failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`, `${passed} passed`];
    line(failed === 0, file, parts.filter(Boolean).join(', '), ms);
  }
  for (const entry of tests.filter(({ verdict, cancelled }) => verdict === 'failed' && !cancelled)) failure(entry);
  const cancelled = tests.filter((entry) => entry.cancelled).length;
  if (cancelled > 0) console.log(`\n    … and ${cancelled} that could not run because of it.`);
  if (failed > 0 && output.trim() !== '') {
    const lines = shorten(output.trimEnd()).split('\n');
    console.log(`\n      The file printed:\n${indent(lines.slice(-PRINTED).join('\n'), '        ')}`);
  }
  for (const text of diagnostics) console.log(`\n${indent(text, '    ')}\n`);
  if (failed > 0) console.log();
  return { passed, failed };
}

/**
 * Runs test files and prints one line per file as it ends, and below it each failure with its place.
 * @param {string[]} patterns globs from the repository's root
 * @param {{ filter?: string, only?: string, concurrency: number, timeout: number, env?: NodeJS.ProcessEnv }} options `filter` is a
 *   regular expression on test names, `only` a part of the file's name; `timeout`, in ms, is for one file
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runFiles(patterns, { only = '', concurrency, ...options }) {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).filter((file) => file.includes(only)).sort();
  const total = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) {
      const start = performance.now();
      const result = await runFile(join(root, file), options);
      const { passed, failed } = showFile(file, result, performance.now() - start, options.filter);
      total.passed += passed;
      total.failed += failed;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return total;
}
