import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { whyNoFile } from '../../src/host/engine/location.ts';
import { heaviest } from '../../src/host/engine/methods.ts';
import { obituary } from '../../src/host/engine/obituary.ts';
import { MAX_DEATHS, WINDOW_MS, decide, withDeath, withSuccess } from '../../src/host/engine/restartPolicy.ts';
import type { Death } from '../../src/host/engine/restartPolicy.ts';
import { sentence } from '../../src/shared/errors.ts';

const diedAt = (...times: readonly number[]): readonly Death[] => times.reduce<readonly Death[]>((deaths, at) => withDeath(deaths, { at, doing: 'run' }), []);

suite('an engine that died', () => {
  test(`is started again until the ${MAX_DEATHS}rd death in quick succession`, () => {
    const times = Array.from({ length: MAX_DEATHS }, (_, index) => index * 1000);
    assert.deepEqual(times.map((_, index) => decide(diedAt(...times.slice(0, index + 1)))), [
      { kind: 'restart', attempt: 1 },
      { kind: 'restart', attempt: 2 },
      { kind: 'give up' },
    ]);
  });

  test('counts from one again when the deaths are far apart', () => {
    assert.deepEqual(decide(diedAt(0, WINDOW_MS, 2 * WINDOW_MS, 3 * WINDOW_MS)), { kind: 'restart', attempt: 1 });
  });

  test('is forgiven by a success of what it died of, and by no other', () => {
    const deaths = diedAt(0, 1);
    assert.deepEqual(withSuccess(deaths, 'run'), []);
    assert.deepEqual(withSuccess(deaths, 'check'), deaths);
  });

  test('while nothing ran is forgiven by any success', () => {
    const deaths: readonly Death[] = [{ at: 0, doing: null }, { at: 1, doing: 'open' }, { at: 2, doing: 'check' }];
    assert.deepEqual(withSuccess(deaths, 'run'), [{ at: 2, doing: 'check' }]);
  });

  test('died of what runs native code, if anything did', () => {
    assert.equal(heaviest(['tokenize', 'predictions', 'run', 'tokenize']), 'run');
    assert.equal(heaviest(['tokenize']), 'tokenize');
    assert.equal(heaviest([]), null);
  });
});

suite('what is said of a dead engine', () => {
  const said = (code: number | null, signal: NodeJS.Signals | null, doing: Parameters<typeof obituary>[1], output = ''): string => sentence(obituary({ code, signal }, doing, output));

  test('is a truncated file where it was a bus error', () => {
    assert.equal(said(null, 'SIGBUS', 'run'), 'The model file was truncated while it was used. Export or copy it again, then reload the model.');
  });

  test('is memory where the system ended it, or where it said so itself', () => {
    assert.equal(
      said(null, 'SIGKILL', 'check'),
      'The system ended the engine while it checked the anatomy, most likely because memory ran out. Close other programs, or use a shorter prompt or a smaller model.',
    );
    assert.match(said(null, 'SIGABRT', 'run', 'FATAL ERROR: … JavaScript heap out of memory'), /^The engine ran out of memory while it ran the prompt\. /);
  });

  test('is the runtime where it crashed', () => {
    assert.match(said(null, 'SIGSEGV', 'run'), /^ONNX Runtime crashed while it ran the prompt \(SIGSEGV\)\. /);
    assert.match(said(null, 'SIGILL', 'run'), /^ONNX Runtime needs a newer processor/);
  });

  test('names the exit code where nothing better is known, and says nothing of work where there was none', () => {
    assert.equal(said(7, null, null), 'The engine ended unexpectedly (exit code 7). Read the log for its last words.');
    assert.match(said(null, null, 'open'), /it could not be started/);
  });

  test('carries the last words as detail', () => {
    assert.equal(obituary({ code: 1, signal: null }, 'open', '\nError: no binding\n').detail, 'Error: no binding');
  });
});

suite('documents the engine can read', () => {
  test('are files', () => {
    assert.equal(whyNoFile('file'), undefined);
    assert.equal(whyNoFile('vscode-remote'), undefined);
  });

  test('are no others, which are told what they are', () => {
    for (const scheme of ['git', 'untitled', 'vscode-vfs', 'constructor', 'http']) {
      const error = whyNoFile(scheme);
      assert.equal(error?.code, 'refused', scheme);
      assert.ok(error.todo !== '', scheme);
    }
  });
});
