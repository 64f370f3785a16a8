import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { after, beforeEach, suite, test } from '../harness/inhost.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import { tellUnfinished } from '../../../src/host/neurons/unfinished.ts';
import { cogscope, eventually, extension, freeze, hoverOver, inWorkspace, opened, pidOf, shows } from './support.ts';

const sentence = 'Lily and Ben went to the park. "Look at the big dog," said Lily. They were happy. ';

suite('an index of neurons', () => {
  let reference: ModelReference | undefined;
  beforeEach(async () => {
    reference ??= await opened(inWorkspace('stories/stories.onnx'));
    rmSync(inWorkspace('.cogscope').fsPath, { recursive: true, force: true });
  });
  after(() => void reference?.dispose());

  const text = (name: string, times: number): { readonly path: string } => {
    const { fsPath } = inWorkspace(`texts/${name}`);
    mkdirSync(dirname(fsPath), { recursive: true });
    writeFileSync(fsPath, sentence.repeat(times));
    return { path: fsPath };
  };

  test('is foretold, made in the workspace’s folder, and known to be there', async () => {
    const { indexing } = await cogscope();
    assert.ok(reference);
    const { handle } = reference;
    const job = { handle, texts: [text('short.txt', 20)], rebuild: false };
    const db = inWorkspace('.cogscope/stories/stories.onnx.neurons.db').fsPath;
    const forecast = await indexing.foretell(job, new AbortController().signal);
    assert.equal(existsSync(db), false, 'a forecast makes no index');
    assert.ok(forecast.neurons > 1000 && forecast.tokens > 100, JSON.stringify(forecast));
    const result = await indexing.make(job);
    assert.equal(result.finished, true);
    assert.ok(statSync(db).size > 0);
    assert.equal(readFileSync(inWorkspace('.cogscope/.gitignore').fsPath, 'utf8'), '*\n');
    assert.deepEqual(indexing.memory.of(handle.uri), { model: handle.uri.toString(), db, texts: job.texts, state: 'finished' });
    assert.equal((await indexing.foretell(job, new AbortController().signal)).finished, true);
  });

  test('takes what others say of its neurons, and says what is wrong with a list', async () => {
    const { indexing } = await cogscope();
    assert.ok(reference);
    const { handle } = reference;
    await indexing.make({ handle, texts: [text('short.txt', 20)], rebuild: false });
    const list = inWorkspace('texts/gpt-4.json');
    writeFileSync(list.fsPath, JSON.stringify([{ address: 'L2N7', description: 'names of children', score: 0.4 }]));
    await vscode.commands.executeCommand('cogscope.importDescriptions', handle.uri, list);
    const { described } = await handle.call('neuronFigures', { db: indexing.placeOf(handle.uri), address: 'L2N7' });
    assert.deepEqual(described, [{ text: 'names of children', source: 'gpt-4.json', score: 0.4 }]);
    await assert.rejects(indexing.importDescriptions(handle, text('short.txt', 1).path), /is no JSON/);
  });

  test('that another program writes to is told of, and hovers have what is in it then', async () => {
    const { indexing } = await cogscope();
    assert.ok(reference);
    const { handle } = reference;
    await indexing.make({ handle, texts: [text('short.txt', 20)], rebuild: false });
    const notes = inWorkspace('texts/notes.md');
    writeFileSync(notes.fsPath, 'L2N8');
    const list = inWorkspace('texts/terminal.json').fsPath;
    writeFileSync(list, JSON.stringify([{ address: 'L2N8', description: 'said at a terminal' }]));
    const told = new Promise<vscode.Uri>((resolve) => {
      const subscription = indexing.onDidChange((model) => {
        subscription.dispose();
        resolve(model);
      });
    });
    const other = fork(join(extension().extensionPath, 'dist/cli.js'), ['neurons', 'import', list, '--db', indexing.placeOf(handle.uri)], { stdio: 'ignore' });
    assert.equal(await new Promise((resolve) => other.once('exit', resolve)), 0);
    assert.equal((await told).toString(), handle.uri.toString());
    await eventually(async () => ((await hoverOver(notes, 'L2N8')).includes('said at a terminal') ? true : undefined));
  });

  test('over Parquet asks for its columns', async () => {
    assert.ok(reference);
    assert.deepEqual(await reference.handle.call('textColumns', { path: join(extension().extensionPath, 'test/fixtures/parquet/several.parquet') }), ['title', 'body']);
  });

  test('that was paused goes on, also when the engine is killed', async () => {
    const { indexing } = await cogscope();
    assert.ok(reference);
    const { handle } = reference;
    const job = { handle, texts: [text('long.txt', 2500)], rebuild: false };
    const paused = indexing.make(job);
    await new Promise<void>((resolve) => {
      const subscription = indexing.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
    assert.equal(indexing.isRunning(handle.uri), true);
    indexing.pause(handle.uri);
    await assert.rejects(paused, /Cancelled|Paused/);
    assert.equal(indexing.memory.of(handle.uri)?.state, 'paused');
    const { done } = await indexing.foretell(job, new AbortController().signal);
    assert.ok(done > 0, 'what was committed before the pause is not known');

    const pid = pidOf(handle);
    freeze(pid);
    const making = indexing.make(job);
    await shows(handle, ({ engine }) => engine.kind === 'busy');
    process.kill(pid, 'SIGKILL');
    const result = await making;
    assert.equal(result.finished, true);
    assert.ok(result.forecast.done >= done, 'it began anew');
  }, { timeout: 240_000 });

  test('is told of again in a window that was closed while it was made', async () => {
    const { indexing } = await cogscope();
    assert.ok(reference);
    const note = { model: reference.handle.uri.toString(), db: '/gone.db', texts: [], state: 'running' as const };
    await indexing.memory.keep(note);
    // The message waits for an answer.
    void tellUnfinished(indexing.memory);
    while (indexing.memory.of(reference.handle.uri)?.state === 'running') await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(indexing.memory.of(reference.handle.uri), { ...note, state: 'paused' }, 'it would be told again');
  });

  test('of a model whose folder cannot be made says which setting names another', async () => {
    const { indexing } = await cogscope();
    assert.ok(reference);
    writeFileSync(inWorkspace('.cogscope').fsPath, 'a file stands where the folder is to be');
    const { handle } = reference;
    await assert.rejects(indexing.foretell({ handle, texts: [text('short.txt', 1)], rebuild: false }, new AbortController().signal), /cogscope\.neuronIndexFolder/);
  });
});
