import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { after, afterEach, beforeEach, suite, test } from '../harness/inhost.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import { inTime } from '../../lib/inTime.ts';
import { cogscope, hoverOver, inWorkspace, opened } from './support.ts';

const notes = 'L3N12 and L2H1 are at work here, and blocks.3.mlp.hook_post.\nL9N1 is not there, LIN1 is no address.\nThe sublayer blocks.2.mlp has them all.\n';
const code = 'x = model.blocks[3].mlp(x)\ny = cache["blocks.2.attn.hook_pattern"]\nz = model.blocks[9].mlp\n';

function write(name: string, content: string): vscode.Uri {
  const uri = inWorkspace(`addresses/${name}`);
  mkdirSync(dirname(uri.fsPath), { recursive: true });
  writeFileSync(uri.fsPath, content);
  return uri;
}

/** Waits for a hover to say something: what the engine does not answer within a moment is told at the next look. */
const hoverSays = (uri: vscode.Uri, text: string, expected: RegExp): Promise<void> => inTime(async () => assert.match(await hoverOver(uri, text), expected));

suite('addresses in files', () => {
  let reference: ModelReference | undefined;
  beforeEach(async () => {
    reference ??= await opened(inWorkspace('stories/stories.onnx'));
    rmSync(inWorkspace('.cogscope').fsPath, { recursive: true, force: true });
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(inWorkspace('addresses').fsPath, { recursive: true, force: true });
  });
  after(() => void reference?.dispose());

  const index = async (): Promise<void> => {
    assert.ok(reference);
    const { fsPath } = write('text.txt', 'Lily and Ben went to the park. "Look at the big dog," said Lily. They were happy.\n\n'.repeat(20));
    await (await cogscope()).indexing.make({ handle: reference.handle, texts: [{ path: fsPath }], rebuild: true });
  };

  test('say on hover what the model has there, and that nothing is indexed yet', async () => {
    const uri = write('notes.md', notes);
    await hoverSays(uri, 'L3N12', /\*\*L3N12\*\* Neuron 12 of 1,024 in the MLP of layer 3, /);
    await hoverSays(uri, 'L3N12', /No text of yours is indexed/);
    await hoverSays(uri, 'L9N1', /stories\.onnx has \d layers/);
    assert.equal(await hoverOver(uri, 'LIN1'), '');
    await hoverSays(uri, 'blocks.2.mlp', /\*\*blocks\.2\.mlp\*\* Layer 2: an MLP of 1,024 neurons, /);
  });

  test('say on hover what fires a neuron, once that is indexed', async () => {
    await index();
    const uri = write('notes.md', notes);
    // The first look at an index holds it against the model's bytes, which may take more than a moment.
    let told = await hoverOver(uri, 'L3N12');
    while (told.includes('look again')) told = await hoverOver(uri, 'L3N12');
    assert.match(told, /Fires on .*% of \d+ tokens.*\n\n(?:Reads as .*\n\n)?.*`.{20}`.*\n\n.*\*\*.+\*\*/);
    await hoverSays(uri, 'L2H1', /Strongest attention over .*→/s);
    for (const place of ['blocks.3.mlp.hook_post', 'blocks.2.mlp']) await hoverSays(uri, place, /neurons: \d+ dead, \d+ dense/);
  });

  test('have neurons that fire on a word of a prompt', async () => {
    await index();
    const uri = write('prompts.txt', 'Lily went to the park.\n');
    let told = await hoverOver(uri, 'Lily');
    while (told === '') told = await hoverOver(uri, 'Lily');
    assert.match(told, /\*\*Lily\*\*: [\d,]+ neurons? of the index fires? on it/);
    assert.match(told, /\[L\dN\d+\]\(command:cogscope\.openNeuron\?/);
  });

  test('start no engine by themselves', async () => {
    assert.ok(reference);
    const { handle } = reference;
    await index();
    await handle.rest();
    assert.equal(handle.pid, undefined);
    assert.match(await hoverOver(write('notes.md', notes), 'L3N12'), /The engine rests/);
    assert.equal(handle.pid, undefined, 'the hover started an engine');
  });

  test('offer to open the model that was indexed, where none is open', async () => {
    await index();
    assert.ok(reference);
    reference.dispose();
    reference = undefined;
    const api = await cogscope();
    assert.deepEqual(api.models().map(({ title }) => title), []);
    const told = await hoverOver(write('notes.md', notes), 'L3N12');
    assert.match(told, /\*\*L3N12\*\* \[Open stories\/stories\.onnx\]\(command:cogscope\.inspectModel\?/);
  });

  test('have the layer’s summary above lines of Python', async () => {
    const uri = write('code.py', code);
    await vscode.workspace.openTextDocument(uri);
    const layers = async (): Promise<readonly string[]> => {
      const lenses = await vscode.commands.executeCommand<readonly vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 10);
      return lenses.map(({ range, command }) => `${range.start.line} ${command?.title}`).filter((title) => title.includes('Layer'));
    };
    const told = await layers();
    assert.equal(told.length, 2, told.join('\n'));
    assert.match(told[0] ?? '', /^0 Layer 3: 1,024 neurons, /);
    assert.match(told[1] ?? '', /^1 Layer 2: \d+ heads$/);
    const settings = vscode.workspace.getConfiguration('cogscope');
    await settings.update('codeLenses', false);
    try {
      assert.deepEqual(await layers(), [], 'where the settings say so there are none');
    } finally {
      await settings.update('codeLenses', undefined);
    }
  });
});
