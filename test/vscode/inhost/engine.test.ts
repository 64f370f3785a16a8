import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { CogscopeExports } from '../../../src/host/exports.ts';
import { afterEach, suite, test } from '../harness/inhost.ts';

suite('an .onnx file', () => {
  test('opens in the overview, with its engine', async () => {
    const extension = vscode.extensions.getExtension<CogscopeExports>('cogscope.cogscope');
    assert.ok(extension);
    const api = await extension.activate();
    const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'induction/induction.onnx');
    await vscode.commands.executeCommand('vscode.open', uri);
    const [model] = api.models();
    assert.ok(model);
    const state = await model.settled();
    assert.equal(state.state.kind, 'open', JSON.stringify(state));
    console.log(JSON.stringify(state).slice(0, 600));
    const result = await model.call('run', { prompt: { kind: 'ids', ids: [1, 2, 3, 1, 2] }, patterns: true });
    assert.equal(result.tokens.length, 5);
  });
});
