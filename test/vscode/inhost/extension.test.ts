import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds, settingNames, viewTypes, views } from '../../../src/host/ids.ts';
import { SUFFIX } from '../../../src/host/experiments/names.ts';
import { openSourceLine } from '../../../src/host/source/openSourceLine.ts';
import { afterEach, suite, test } from '../harness/inhost.ts';
import { inTime } from '../../lib/inTime.ts';
import { cogscope, copyOfFixture, eventually, extension, inWorkspace } from './support.ts';

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly customEditors: readonly { readonly viewType: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
  };
}

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

const closeAll = (): Thenable<unknown> => vscode.commands.executeCommand('workbench.action.closeAllEditors');

suite('the extension', () => {
  afterEach(async () => {
    await closeAll();
  });

  test('contributes what it registers, and nothing else', async () => {
    await cogscope();
    const { contributes, activationEvents } = extension().packageJSON as Manifest;
    const contributed = sorted(contributes.commands.map(({ command }) => command));
    assert.deepEqual(contributed, sorted(Object.values(commandIds)));
    // VS Code adds commands of its own for each view.
    const registered = (await vscode.commands.getCommands(true)).filter((name) => name.startsWith('cogscope.') && !name.startsWith(`${views.model}.`));
    assert.deepEqual(sorted(registered), contributed);
    assert.deepEqual(contributes.customEditors.map(({ viewType }) => viewType), [viewTypes.overview]);
    assert.deepEqual(Object.values(contributes.views).flat().map(({ id }) => id), Object.values(views));
    assert.deepEqual(sorted(Object.keys(contributes.configuration.properties)), sorted(Object.values(settingNames).map((name) => `cogscope.${name}`)));
    assert.deepEqual(activationEvents, [...[viewTypes.attention, viewTypes.patching, viewTypes.neurons, viewTypes.lens].map((type) => `onWebviewPanel:${type}`), `workspaceContains:**/*${SUFFIX}`, 'workspaceContains:**/*.onnx', 'onLanguage:json']);
    const inMenus = Object.values(contributes.menus).flat().map(({ command }) => command);
    assert.deepEqual(inMenus.filter((command) => !contributed.includes(command)), []);
  });

  test('is the editor of .onnx files', async () => {
    const api = await cogscope();
    const uri = copyOfFixture('gpt2-sdpa-20', 'extension/model.onnx');
    await vscode.commands.executeCommand('vscode.open', uri);
    await inTime(() => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      assert.ok(input instanceof vscode.TabInputCustom);
      assert.equal(input.viewType, viewTypes.overview);
      assert.equal(api.focused()?.uri.toString(), uri.toString());
    });
    const model = await api.focused()?.settled();
    assert.equal(model?.state.kind, 'open');
  });

  test('takes the selection of an editor as the prompt, and keeps it when engine and panel go', async () => {
    const api = await cogscope();
    const uri = copyOfFixture('gpt2-sdpa-20', 'extension/prompted.onnx');
    await vscode.commands.executeCommand('cogscope.openAttention', uri);
    const document = await vscode.workspace.openTextDocument({ content: 'before\nwhen Mary and John\nafter' });
    const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    editor.selection = new vscode.Selection(1, 0, 1, 18);
    await vscode.commands.executeCommand('cogscope.useSelectionAsPrompt');
    const kept = { prompt: { kind: 'text', text: 'when Mary and John', special: true }, address: null, image: null };
    assert.deepEqual(api.remembered(uri), kept);
    await vscode.commands.executeCommand('cogscope.restartEngine', uri);
    assert.deepEqual(api.remembered(uri), kept);
    await closeAll();
    assert.deepEqual(api.remembered(uri), kept);
  });

  test('opens one attention panel a model, beside, and shows the address it is asked for', async () => {
    const api = await cogscope();
    const uri = copyOfFixture('gpt2-sdpa-20', 'extension/beside.onnx');
    await vscode.commands.executeCommand('cogscope.inspectModel', uri);
    await vscode.commands.executeCommand('cogscope.openAttention', uri);
    await vscode.commands.executeCommand('cogscope.openHead', { address: 'L1H2' });
    await inTime(() => {
      const panels = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => tab.input instanceof vscode.TabInputWebview);
      assert.deepEqual(panels.map((tab) => [tab.label, tab.group.viewColumn]), [['beside.onnx: Attention', vscode.ViewColumn.Two]]);
    });
    assert.equal(api.remembered(uri).address, 'L1H2');
  });

  test('opens further panels in the column of the first', async () => {
    const uri = copyOfFixture('gpt2-sdpa-20', 'extension/columns.onnx');
    await vscode.commands.executeCommand('cogscope.inspectModel', uri);
    const columns = (): readonly (readonly [string, vscode.ViewColumn])[] => vscode.window.tabGroups.all.flatMap(({ tabs, viewColumn }) =>
      tabs.flatMap(({ input, label }) => (input instanceof vscode.TabInputWebview ? [[label.replace(/^.*: /, ''), viewColumn] as const] : [])));
    // The editor tells of a new tab a moment after its command.
    const open = async (command: string, argument: unknown, count: number): Promise<void> => {
      await vscode.commands.executeCommand(command, argument);
      await eventually(() => (columns().length === count ? true : undefined));
    };
    await open('cogscope.openAttention', uri, 1);
    await open('cogscope.openLens', uri, 2);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'L1N7' }), vscode.ViewColumn.One);
    await open('cogscope.openNeuron', 'L1N7', 3);
    assert.deepEqual(columns(), [['Attention', vscode.ViewColumn.Two], ['Lens', vscode.ViewColumn.Two], ['Neurons', vscode.ViewColumn.Two]]);
  });

  test('copies an address', async () => {
    await vscode.commands.executeCommand('cogscope.copyAddress', { webviewSection: 'head', address: 'L0H3' });
    assert.equal(await vscode.env.clipboard.readText(), 'L0H3');
  });

  test('copies what attention panel and lens show of the prompt as Python', async () => {
    const uri = copyOfFixture('gpt2-sdpa-20', 'extension/python.onnx');
    await vscode.commands.executeCommand('cogscope.openAttention', uri);
    await vscode.env.clipboard.writeText('before');
    await vscode.commands.executeCommand('cogscope.copyAsPython', { webviewSection: 'head', address: 'L1H3' });
    assert.equal(await vscode.env.clipboard.readText(), 'before', 'without a prompt there is nothing to run');
    const document = await vscode.workspace.openTextDocument({ content: 'when Mary and John' });
    const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    editor.selection = new vscode.Selection(0, 0, 0, 18);
    await vscode.commands.executeCommand('cogscope.useSelectionAsPrompt');
    // The panel tells what it shows a moment after it was asked for.
    const code = await eventually(async () => {
      await vscode.commands.executeCommand('cogscope.copyAsPython', { webviewSection: 'head', address: 'L1H3' });
      const text = await vscode.env.clipboard.readText();
      return text === 'before' ? undefined : text;
    });
    assert.match(code, /^PROMPT = "when Mary and John"\n(?:.*\n){2}LAYER, HEAD = 1, 3$/m);
    await vscode.commands.executeCommand('cogscope.openLens', uri);
    await eventually(async () => {
      await vscode.commands.executeCommand('cogscope.copyAsPython', { webviewSection: 'lens' });
      return /^def lens\(bridge, tokenizer\):$/m.test(await vscode.env.clipboard.readText()) ? true : undefined;
    });
    assert.match(await vscode.env.clipboard.readText(), /^PROMPT = "when Mary and John"$/m, 'the lens has the prompt that was typed last');
  });

  test('reveals an address in the tree', async () => {
    const api = await cogscope();
    await vscode.commands.executeCommand('cogscope.inspectModel', copyOfFixture('gpt2-sdpa-20', 'extension/tree.onnx'));
    await api.focused()?.settled();
    await vscode.commands.executeCommand('cogscope.revealInTree', 'L1H2');
  });

  test('opens the example with its prompt', async () => {
    const api = await cogscope();
    await vscode.commands.executeCommand('cogscope.openExample');
    const uri = inWorkspace('induction/induction.onnx');
    await inTime(() => assert.equal(api.focused()?.uri.toString(), uri.toString(), 'the copy of the workspace is its own'));
    const { prompt } = api.remembered(uri);
    const [first] = (await vscode.workspace.openTextDocument(inWorkspace('induction/prompts.txt'))).getText().split('\n');
    assert.equal(prompt?.kind === 'text' ? prompt.text : prompt, first);
  });
});

suite('a line of the exporter’s record', () => {
  afterEach(async () => {
    await closeAll();
  });

  const model = inWorkspace('source/model.onnx');
  const write = (path: string, text: string): void => {
    const { fsPath } = inWorkspace(path);
    mkdirSync(dirname(fsPath), { recursive: true });
    writeFileSync(fsPath, text);
  };
  const shown = (): readonly unknown[] => {
    const editor = vscode.window.activeTextEditor;
    return [editor && vscode.workspace.asRelativePath(editor.document.uri), editor?.selection.active.line];
  };

  test('opens beside the model, at the line that reads the same when the number has moved', async () => {
    write('source/net.py', 'import torch\n\n\ndef forward(x):\n    y = x @ w\n    return y\n');
    assert.equal(await openSourceLine(model, { file: '/home/somebody/project/net.py', line: 3, code: 'y = x @ w' }, []), true);
    await inTime(() => assert.deepEqual(shown(), ['source/net.py', 4]));
  });

  test('opens in the workspace’s file whose path ends alike', async () => {
    write('src/one/parts.py', 'a = 1\nb = 2\n');
    write('src/two/parts.py', 'a = 1\nb = 2\n');
    assert.equal(await openSourceLine(model, { file: 'C:\\work\\two\\parts.py', line: 2, code: 'b = 2' }, []), true);
    await inTime(() => assert.deepEqual(shown(), ['src/two/parts.py', 1]));
  });

  test('that is no longer in its file opens the file where it stood', async () => {
    write('source/gone.py', 'a = 1\nb = 3\n');
    assert.equal(await openSourceLine(model, { file: 'gone.py', line: 2, code: 'b = 2' }, []), true);
    await inTime(() => assert.deepEqual(shown(), ['source/gone.py', 1]));
  });

  test('of an installed package opens in the workspace’s environment, recorded on another system', async () => {
    write('.venv/lib/python3.12/site-packages/package/parts.py', 'a = 1\nb = 2\n');
    assert.equal(await openSourceLine(model, { file: 'C:\\venv\\Lib\\site-packages\\package\\parts.py', line: 2, code: 'b = 2' }, []), true);
    await inTime(() => assert.deepEqual(shown(), ['.venv/lib/python3.12/site-packages/package/parts.py', 1]));
  });

  test('of a file outside the workspace opens nothing, whatever path a model names', async () => {
    const outside = join(mkdtempSync(join(tmpdir(), 'cogscope-outside-')), 'outside_net.py');
    writeFileSync(outside, 'b = 2\n');
    assert.equal(await openSourceLine(model, { file: outside, line: 1, code: 'b = 2' }, []), false);
    await inTime(() => assert.deepEqual(shown(), [undefined, undefined]));
    rmSync(dirname(outside), { recursive: true });
  });

  test('of a file that is nowhere opens nothing', async () => {
    assert.equal(await openSourceLine(model, { file: '/usr/lib/torch/nowhere[1].py', line: 1, code: 'x' }, []), false);
    await inTime(() => assert.deepEqual(shown(), [undefined, undefined]));
  });
});
