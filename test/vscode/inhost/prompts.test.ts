import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { afterEach, suite, test } from '../harness/inhost.ts';
import { inTime } from '../../lib/inTime.ts';
import { cogscope, copyOfFixture, eventually, inWorkspace, lensTitles } from './support.ts';

function write(path: string, text: string): vscode.Uri {
  const uri = inWorkspace(path);
  mkdirSync(dirname(uri.fsPath), { recursive: true });
  writeFileSync(uri.fsPath, text);
  return uri;
}

suite('a file of prompts', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(inWorkspace('lines').fsPath, { recursive: true, force: true });
  });

  test('beside a model has a way to run each line in it', async () => {
    await cogscope();
    await inTime(async () => {
      const titles = await lensTitles(inWorkspace('stories/prompts.txt'));
      assert.deepEqual(titles.slice(0, 3), ['1 $(play) Run in stories.onnx', '1 Another model…', '2 $(play) Run in stories.onnx']);
      assert.equal(titles.length, 10, 'one a line, and one for the model');
    });
  });

  test('away from any model has none, unless a model is open', async () => {
    const api = await cogscope();
    const uri = write('lines/notes.txt', 'one\n\ntwo\n');
    // Other tests may have left one open.
    await api.close();
    await inTime(async () => assert.deepEqual(await lensTitles(uri), []));
    const reference = api.open(inWorkspace('induction/induction.onnx'));
    try {
      await inTime(async () => assert.deepEqual(await lensTitles(uri), ['1 $(play) Run in induction.onnx', '1 Another model…', '3 $(play) Run in induction.onnx']));
      assert.deepEqual(await lensTitles(write('lines/requirements.txt', 'torch\n')), [], 'a file of another tool');
    } finally {
      reference.dispose();
    }
  });

  test('is asked for its model where several may be meant', async () => {
    copyOfFixture('gpt2-sdpa-20', 'lines/one.onnx');
    copyOfFixture('gpt2-sdpa-20', 'lines/two.onnx');
    const uri = write('lines/prompts.jsonl', '{"prompt": "w1 w2"}\n{"id": 2}\n"w3"\n');
    await inTime(async () => assert.deepEqual(await lensTitles(uri), ['1 $(play) Run in a model…', '3 $(play) Run in a model…']));
  });

  test('runs a line in the attention panel', async () => {
    const api = await cogscope();
    const model = copyOfFixture('gpt2-sdpa-20', 'lines/model.onnx');
    const uri = write('lines/run.jsonl', '{"prompt": "w1 w2"}\n"w3 \\u00e9"\n');
    await vscode.commands.executeCommand('cogscope.runPromptLine', uri, 1);
    assert.deepEqual(api.remembered(model).prompt, { kind: 'text', text: 'w3 é', special: true });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), vscode.ViewColumn.One);
    await vscode.commands.executeCommand('cogscope.runPromptLine');
    assert.deepEqual(api.remembered(model).prompt, { kind: 'text', text: 'w1 w2', special: true }, 'the line of the cursor');
  });

  test('has no lenses where the settings say so', async () => {
    const uri = inWorkspace('stories/prompts.txt');
    const settings = vscode.workspace.getConfiguration('cogscope');
    await settings.update('promptLenses', 'never');
    try {
      await eventually(async () => ((await lensTitles(uri)).length === 0 ? true : undefined));
    } finally {
      await settings.update('promptLenses', undefined);
    }
  });
});
