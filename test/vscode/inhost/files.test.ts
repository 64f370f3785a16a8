import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelHandle } from '../../../src/host/engine/modelHandle.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { afterEach, suite, test } from '../harness/inhost.ts';
import { cogscope, copyOfFixture, extension, fixture, inWorkspace, opened, run, shows } from './support.ts';

const references: ModelReference[] = [];

async function open(path: string): Promise<ModelHandle> {
  const reference = await opened(copyOfFixture('gpt2-sdpa-20', path));
  references.push(reference);
  return reference.handle;
}

const reload = (handle: ModelHandle): Thenable<unknown> => vscode.commands.executeCommand('cogscope.reloadModel', handle.uri);

const heads = (handle: ModelHandle): unknown => (handle.model.state.kind === 'open' ? handle.model.state.summary.towers[0]?.kind : handle.model.state.kind);

suite('a model file', () => {
  afterEach(() => {
    for (const reference of references.splice(0)) reference.dispose();
  });

  test('that is written anew while open counts as changed until it is reloaded', async () => {
    const handle = await open('files/written.onnx');
    assert.equal(heads(handle), 'decoder');
    cpSync(fixture('bert-sdpa-20'), handle.uri.fsPath);
    await shows(handle, (model) => model.changed);
    assert.equal(heads(handle), 'decoder', 'the model changed under its reader');
    await reload(handle);
    assert.equal(handle.model.changed, false);
    assert.equal(heads(handle), 'encoder');
  });

  test('that is replaced by another of the same size and time counts as changed', async () => {
    const handle = await open('files/replaced.onnx');
    const path = handle.uri.fsPath;
    writeFileSync(`${path}.new`, readFileSync(path));
    const old = new Date(2020, 1, 1);
    utimesSync(`${path}.new`, old, old);
    renameSync(`${path}.new`, path);
    await shows(handle, (model) => model.changed);
  });

  test('that changed is not run, and saying so marks it', async () => {
    const handle = await open('files/stale.onnx');
    cpSync(fixture('bert-sdpa-20'), handle.uri.fsPath);
    await assert.rejects(handle.call('run', run), { code: 'changed' });
    assert.equal(handle.model.changed, true);
  });

  test('whose weights lie in a file beside it counts as changed when that is written or goes', async () => {
    const uri = inWorkspace('files/apart/external-data.onnx');
    mkdirSync(dirname(uri.fsPath), { recursive: true });
    for (const name of ['external-data.onnx', 'external-data.data']) cpSync(join(extension().extensionPath, 'test/fixtures/cells/gpt2', name), inWorkspace(`files/apart/${name}`).fsPath);
    const reference = await opened(uri);
    references.push(reference);
    const { handle } = reference;
    const data = inWorkspace('files/apart/external-data.data').fsPath;
    const bytes = readFileSync(data);
    writeFileSync(data, bytes.fill(0, 0, 4));
    await shows(handle, (model) => model.changed);
    await reload(handle);
    assert.equal(handle.model.changed, false);
    rmSync(data);
    await shows(handle, (model) => model.changed);
    writeFileSync(data, bytes);
    await reload(handle);
    assert.equal(handle.model.changed, false);
  });

  test('that is deleted stays on show, is not run, and is said to be gone by Reload', async () => {
    const handle = await open('files/deleted.onnx');
    const bytes = readFileSync(handle.uri.fsPath);
    rmSync(handle.uri.fsPath);
    await shows(handle, (model) => model.changed);
    assert.equal(heads(handle), 'decoder');
    await assert.rejects(handle.call('run', run), /no longer there/);
    await reload(handle);
    const { state } = handle.model;
    assert.equal(state.kind, 'error');
    assert.match(state.kind === 'error' ? sentence(state.error) : '', /cannot be opened/);
    writeFileSync(handle.uri.fsPath, bytes);
    await reload(handle);
    assert.equal(heads(handle), 'decoder', 'a file that was put back is not read');
    assert.equal(handle.model.changed, false);
  });

  test('that is none opens with a sentence, and leaves no engine', async () => {
    const uri = copyOfFixture('gpt2-sdpa-20', 'files/text.onnx');
    writeFileSync(uri.fsPath, 'not a model\n');
    const reference = (await cogscope()).open(uri);
    references.push(reference);
    const { state } = await reference.handle.settled();
    assert.equal(state.kind, 'error');
    await shows(reference.handle, (model) => model.engine.kind === 'stopped');
    await assert.rejects(reference.handle.call('tokenize', { prompt: run.prompt }), { code: 'unreadable' });
  });
});

suite('a model that is no file', () => {
  const sentences: readonly (readonly [string, RegExp])[] = [
    ['git:/folder/model.onnx?ref', /^This is a version of the model from git’s history, not a file \(git:\)\. Check that version out to inspect it\.$/],
    ['untitled:model.onnx', /^This model has not been saved to a file \(untitled:\)\. Save it, and open the file\.$/],
    ['vscode-vfs://github/owner/name/model.onnx', /^This model is not a file on the machine where Cogscope runs, and the engine reads nothing else \(vscode-vfs:\)\. Save it to a folder of that machine, and open it there\.$/],
  ];
  for (const [text, expected] of sentences) {
    test(`is refused in a sentence: ${text.split(':')[0]}`, async () => {
      const reference = (await cogscope()).open(vscode.Uri.parse(text));
      try {
        const { state, engine } = await reference.handle.settled();
        assert.match(state.kind === 'error' ? sentence(state.error) : state.kind, expected);
        assert.equal(engine.kind, 'stopped');
        await assert.rejects(reference.handle.call('run', run), { code: 'refused' });
      } finally {
        reference.dispose();
      }
    });
  }
});
