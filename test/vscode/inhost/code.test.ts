import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { after, afterEach, beforeEach, suite, test } from '../harness/inhost.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import { inTime } from '../../lib/inTime.ts';
import { cogscope, eventually, extension, inWorkspace, lensTitles, opened } from './support.ts';

suite('the Python that a model was exported from', () => {
  let reference: ModelReference | undefined;
  beforeEach(async () => {
    reference ??= (await cogscope()).open(inWorkspace('stories/stories.onnx'));
    await reference.handle.settled();
  });
  after(() => void reference?.dispose());
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  const code = inWorkspace('stories/model.py');
  const show = async (uri = code): Promise<vscode.TextEditor> => vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));

  /** Line, from 1, and title of each lens, once there are any. */
  const lenses = (uri = code): Promise<readonly string[]> => eventually(async () => {
    const found = await lensTitles(uri);
    return found.length > 0 ? found : undefined;
  });

  test('says above its lines which layers and heads they are', async () => {
    await show();
    assert.deepEqual(await lenses(), [
      '24 $(eye) Attention pattern of layers 0–3, 8 heads each in stories.onnx',
      '34 $(eye) MLP activations of layers 0–3 in stories.onnx',
      '44 $(eye) Attention of layers 0–3 in stories.onnx',
      '45 $(eye) MLP of layers 0–3 in stories.onnx',
      '60 $(eye) Layers 0–3 in stories.onnx',
    ]);
  });

  test('says behind its lines what they made, with its shape', async () => {
    const { document } = await show();
    const texts = await eventually(async () => {
      const hints = await vscode.commands.executeCommand<readonly vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, new vscode.Range(0, 0, document.lineCount, 0));
      return hints.length > 0 ? hints.map(({ position, label }) => `${position.line + 1} ${typeof label === 'string' ? label : label.map(({ value }) => value).join('')}`) : undefined;
    });
    assert.deepEqual(texts.slice(0, 5), [
      '22 layers 0–3: q, k, v [batch, pos, 8, 32]',
      '23 layers 0–3: [batch, 8, pos, pos]',
      '24 layers 0–3: pattern [batch, 8, pos, pos] …',
      '25 layers 0–3: attn_out [batch, pos, 256] …',
      '34 layers 0–3: post [batch, pos, 1024] …',
    ]);
  });

  test('leads to a head that its line made, and back from the head', async () => {
    await vscode.commands.executeCommand('cogscope.showInCode', { webviewSection: 'head', address: 'L2H5' });
    await inTime(() => assert.deepEqual([vscode.window.activeTextEditor?.document.uri.toString(), vscode.window.activeTextEditor?.selection.active.line], [code.toString(), 23]));
    await lenses();
    // One layer leaves nothing to choose.
    const made = [{ tower: '', layers: [2], hook: 'attn.hook_pattern', shape: ['batch', 8, 'pos', 'pos'] }];
    await vscode.commands.executeCommand('cogscope.showInModel', reference?.handle.uri, { made, calls: [] });
    assert.equal((await cogscope()).remembered(inWorkspace('stories/stories.onnx')).address, 'L2H0');
  });

  test('of a model without a record is guessed by the names of its modules, and said to be', async () => {
    const model = inWorkspace('older/older.onnx');
    mkdirSync(dirname(model.fsPath), { recursive: true });
    cpSync(join(extension().extensionPath, 'test/fixtures/named/torchscript.onnx'), model.fsPath);
    const older = await opened(model);
    try {
      const guesses = await eventually(async () => {
        const found = (await lensTitles(code)).filter((title) => title.includes('older.onnx'));
        return found.length > 0 ? found : undefined;
      });
      assert.deepEqual(guesses, [
        '13 $(question) Probably attention of layers 0, 1 in older.onnx', '28 $(question) Probably MLP of layers 0, 1 in older.onnx', '37 $(question) Probably layers 0, 1 in older.onnx',
      ]);
      await vscode.commands.executeCommand('cogscope.inspectModel', model);
      await vscode.commands.executeCommand('cogscope.showInCode', { address: 'L1N3' });
      await inTime(() => assert.deepEqual([vscode.window.activeTextEditor?.document.uri.toString(), vscode.window.activeTextEditor?.selection.active.line], [code.toString(), 27]));
    } finally {
      older.dispose();
    }
  });

  test('stays as it is where the settings say so', async () => {
    await show();
    await lenses();
    const settings = vscode.workspace.getConfiguration('cogscope');
    await settings.update('codeLenses', false);
    try {
      await eventually(async () => ((await lensTitles(code)).length === 0 ? true : undefined));
    } finally {
      await settings.update('codeLenses', undefined);
    }
  });

  test('says nothing in the code of another model, and nothing once the model is closed', async () => {
    await show();
    await lenses();
    assert.deepEqual(await lensTitles(inWorkspace('induction/model.py')), []);
    reference?.dispose();
    reference = undefined;
    await eventually(async () => ((await lensTitles(code)).length === 0 ? true : undefined));
  });

  test('that was edited since is said to be, and its lenses stand where its lines have gone', async () => {
    const text = readFileSync(code.fsPath, 'utf8');
    const edit = new vscode.WorkspaceEdit();
    edit.replace(code, new vscode.Range(0, 0, 1e6, 0), `# longer\n# by two lines\n${text.replace('scores + mask, dim=-1', 'scores + mask, -1')}`);
    assert.ok(await vscode.workspace.applyEdit(edit));
    await inTime(async () => assert.deepEqual((await lenses()).slice(0, 2), ['1 $(warning) Changed since stories.onnx was exported: 1 line of 11 is not found as recorded', '36 $(eye) MLP activations of layers 0–3 in stories.onnx']));
    await show();
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  test('that was renamed is known by its lines', async () => {
    const renamed = inWorkspace('stories/network.py');
    await vscode.workspace.fs.rename(code, renamed);
    try {
      await eventually(async () => ((await lensTitles(renamed)).length === 5 ? true : undefined));
    } finally {
      await vscode.workspace.fs.rename(renamed, code);
    }
  });
});
