import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import * as vscode from 'vscode';
import { after, beforeEach, suite, test } from '../harness/inhost.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import { inTime } from '../../lib/inTime.ts';
import { cogscope, inWorkspace, opened } from './support.ts';

suite('roles of heads', () => {
  const model = inWorkspace('induction/induction.onnx');
  let reference: ModelReference | undefined;
  beforeEach(async () => {
    reference ??= await opened(model);
  });
  after(() => void reference?.dispose());

  test('are named by a command, kept for the file that was tested, and told where an address stands in a text', async () => {
    const { roles } = await cogscope();
    const found = new Promise<void>((resolve) => {
      const subscription = roles.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
    // Its last message waits for an answer.
    void vscode.commands.executeCommand('cogscope.nameRoles', inWorkspace('induction/experiments/heads.cogscope.json'));
    await found;
    const named = await roles.of(model);
    assert.deepEqual(named.map(({ address, role }) => `${address} ${role}`), ['L0H2 previous-token', 'L0H5 previous-token', 'L1H0 induction', 'L1H1 induction', 'L1H3 induction', 'L1H7 induction']);
    assert.ok(named.every(({ attention, effect }) => attention > 0.3 && effect > 0.05));

    const document = await vscode.workspace.openTextDocument({ content: 'L1H3 looks back' });
    await vscode.commands.executeCommand('vscode.openWith', model, 'cogscope.overview');
    await inTime(async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, new vscode.Position(0, 1));
      assert.match(hovers.flatMap(({ contents }) => contents.map((content) => (content as vscode.MarkdownString).value)).join('\n'), /induction&#58; attention 0&#46;\d+/);
    });

    utimesSync(model.fsPath, new Date(), new Date(Date.now() - 60_000));
    assert.deepEqual(await roles.of(model), [], 'the file was changed since');
  }, { timeout: 120_000 });
});
