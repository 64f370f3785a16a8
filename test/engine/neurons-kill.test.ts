/** An index that is killed again and again ends with the same rows as one that is made in one go. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder } from './fixtures.ts';
import { cogscope, isAlive, Running } from './lib/cogscope.ts';
import { contentOf } from './lib/neuronIndex.ts';

const scratch = new Scratch();
/** Each takes a start of two processes. */
const KILLS = Number(process.env['COGSCOPE_KILLS'] ?? 50);
/** Of the time that an index takes in one go: until then the processes start. */
const STARTING = 0.2;

const folder = join(fixtureFolder, 'planted');
const args = (db: string): readonly string[] => ['neurons', 'index', join(folder, 'model.onnx'), '--text', join(folder, 'text.txt'), '--db', db, '--length', '32', '--chunk', '80', '--threads', '1', '--quiet'];

test('killed again and again at random moments, the finished index is the uninterrupted one, row for row', async () => {
  const whole = scratch.path('whole.db');
  const started = performance.now();
  const { code, stderr } = await cogscope(...args(whole));
  const inOneGo = performance.now() - started;
  assert.equal(code, 0, stderr);
  const expected = contentOf(whole);
  assert.ok((expected['line']?.length ?? 0) > 50);
  const db = scratch.path('killed.db');
  let state = 11;
  let [finished, begun] = [0, 0];
  for (let kill = 0; kill < KILLS; kill++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const ended = await killed(args(db), (STARTING + (1 - STARTING) * (state / 2 ** 32)) * inOneGo);
    if (ended !== 0) {
      if (existsSync(db)) begun++;
      continue;
    }
    assert.deepEqual(contentOf(db), expected, `the index that was finished before kill ${kill} is another`);
    finished++;
    rmSync(db);
  }
  assert.ok(begun > 0, 'some kills came while there was an index');
  const last = await cogscope(...args(db));
  assert.equal(last.code, 0, last.stderr);
  assert.deepEqual(contentOf(db), expected, `after ${KILLS} kills, in which ${finished} were finished`);
});

/** Starts a command and kills it and its engine after so many milliseconds; its exit code where it was done before. */
async function killed(words: readonly string[], after: number): Promise<number | null> {
  const running = new Running(words);
  const timer = setTimeout(() => void kill(running), after);
  const { code, stderr } = await running.ended;
  clearTimeout(timer);
  assert.ok(code === 0 || code === null, `it went on without a word: ${stderr}`);
  return code;
}

async function kill(running: Running): Promise<void> {
  const engine = await running.engine().catch(() => undefined);
  if (engine !== undefined && isAlive(engine)) process.kill(engine, 'SIGKILL');
  running.child.kill('SIGKILL');
}
