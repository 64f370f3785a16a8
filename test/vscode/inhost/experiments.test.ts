import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { after, afterEach, beforeEach, suite, test } from '../harness/inhost.ts';
import { showAsCode } from '../../../src/host/experiments/showAsCode.ts';
import { readExperiment } from '../../../src/shared/experiment/read.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import { inTime } from '../../lib/inTime.ts';
import { cogscope, eventually, freeze, inWorkspace, pidOf, shows } from './support.ts';

const experiment = {
  cogscope: 1, model: '../induction/induction.onnx', kind: 'activation-patching', sites: ['z'], by: 'head',
  pairs: [{ clean: 'cat milk door piano snow wolf bread cat milk door', corrupted: 'cat milk door wolf snow piano bread cat milk door', target: ' piano', distractor: ' wolf' }],
  expect: [{ address: 'L1H7', recovered: { atLeast: 0.2 } }, { address: 'L0H3', recovered: { atLeast: 0.5 } }, { top: 3, includes: ['L1H7'] }],
};

const closeAll = (): Thenable<unknown> => vscode.commands.executeCommand('workbench.action.closeAllEditors');

function write(name: string, content: unknown): vscode.Uri {
  const uri = inWorkspace(`experiments/${name}`);
  mkdirSync(dirname(uri.fsPath), { recursive: true });
  writeFileSync(uri.fsPath, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return uri;
}

async function open(name: string, content: unknown = experiment): Promise<vscode.TextEditor> {
  await cogscope();
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(write(name, content)));
}

const titles = async (uri: vscode.Uri): Promise<readonly string[]> => {
  const lenses = await vscode.commands.executeCommand<readonly vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 10);
  return lenses.map(({ command }) => command?.title ?? '');
};

/** The lenses once one of them reads like this. */
const lensesWith = (uri: vscode.Uri, text: RegExp): Promise<readonly string[]> => eventually(async () => {
  const found = await titles(uri);
  return found.some((title) => text.test(title)) ? found : undefined;
});

const tabInputs = (): readonly unknown[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => input);

const problems = (uri: vscode.Uri): readonly vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Cogscope');

suite('an experiment’s file', () => {
  // One engine for all of them: a model that nobody shows is closed after each run.
  let reference: ModelReference | undefined;
  beforeEach(async () => {
    reference ??= (await cogscope()).open(inWorkspace('induction/induction.onnx'));
    await reference.handle.settled();
  });
  after(() => void reference?.dispose());
  afterEach(async () => {
    await closeAll();
    rmSync(inWorkspace('experiments').fsPath, { recursive: true, force: true });
  });

  test('has lenses to run it, and says what came of it last', async () => {
    const { document: { uri } } = await open('lens.cogscope.json');
    assert.deepEqual((await lensesWith(uri, /Run/)).slice(0, 2), ['$(play) Run', '$(diff) Run and compare']);
    await vscode.commands.executeCommand('cogscope.compareExperiment', uri);
    const [, , last = ''] = await lensesWith(uri, /first of/);
    assert.match(last, /^\$\(error\) L1H\d 0\.\d\d first of 16; 2 of 3 expectations passed, just now$/);
  });

  test('is run and compared with the run before in the editor’s own diff', async () => {
    const { document: { uri } } = await open('compare.cogscope.json');
    await vscode.commands.executeCommand('cogscope.compareExperiment', uri);
    await vscode.commands.executeCommand('cogscope.compareExperiment', uri);
    const input = await eventually(() => tabInputs().find((one) => one instanceof vscode.TabInputTextDiff));
    const [before, after] = await Promise.all([input.original, input.modified].map(async (side) => (await vscode.workspace.openTextDocument(side)).getText()));
    assert.match(after ?? '', /^Activation patching of z by head, denoise\nmetric logit-difference\ndirection denoise\npairs 1\nclean /);
    assert.equal(after, before, 'two runs of one experiment differ');
  });

  test('keeps each run with its cells', async () => {
    const { document: { uri } } = await open('kept.cogscope.json');
    await vscode.commands.executeCommand('cogscope.compareExperiment', uri);
    const { history } = await cogscope();
    const note = history.lastOf(uri);
    assert.ok(note);
    const kept = await history.read(note.id);
    assert.equal(kept?.outcome.metrics.length, 16);
    assert.equal(kept?.outcome.metrics.some(Number.isNaN), false);
    assert.deepEqual([note.passed, note.expected, note.complete], [2, 3, true]);
  });

  test('says on hover what an expectation came to', async () => {
    const { document } = await open('hover.cogscope.json');
    await vscode.commands.executeCommand('cogscope.compareExperiment', document.uri);
    const at = document.positionAt(document.getText().indexOf('"L0H3"') + 2);
    await inTime(async () => {
      const hovers = await vscode.commands.executeCommand<readonly vscode.Hover[]>('vscode.executeHoverProvider', document.uri, at);
      const text = hovers.flatMap(({ contents }) => contents.map((one) => (one instanceof vscode.MarkdownString ? one.value : ''))).join('\n').replaceAll('&nbsp;', ' ').replaceAll('\\', '');
      assert.match(text, /L0H3: recovered expected at least 0\.5, got .+; nearest: /);
    });
  });

  test('is marked where it is wrong while it is typed, until it is right', async () => {
    const editor = await open('wrong.cogscope.json', { ...experiment, metric: 'logit-diference' });
    const { document } = editor;
    const [problem] = await eventually(() => (problems(document.uri).length > 0 ? problems(document.uri) : undefined));
    assert.equal(problem && document.getText(problem.range), '"logit-diference"');
    assert.deepEqual(await lensesWith(document.uri, /Cannot be run/), ['$(warning) Cannot be run as it is']);
    const { range } = problem as vscode.Diagnostic;
    await editor.edit((edit) => edit.replace(range, '"logit-difference"'));
    await eventually(() => (problems(document.uri).length === 0 ? true : undefined));
    await lensesWith(document.uri, /Run/);
    await vscode.commands.executeCommand('workbench.action.files.save');
  });

  test('has each mistake marked once, and what its keys take is proposed', async () => {
    const wrong = { ...experiment, modle: 1, metric: 'logit-diference', sites: [], pairs: [{ clean: 'a', corrupted: 'b' }], expect: [] };
    const { document } = await open('once.cogscope.json', wrong);
    await eventually(() => (problems(document.uri).length > 0 ? true : undefined));
    // The editor's own support of JSON looks at what is shown, one after the other: when it has marked what is wrong in a later file, it has seen this one.
    const later = await vscode.workspace.openTextDocument(write('later.json', '{ "a": 1, "a": 1 }'));
    await vscode.window.showTextDocument(later, vscode.ViewColumn.Beside);
    await eventually(() => (vscode.languages.getDiagnostics(later.uri).length > 0 ? true : undefined));
    const mistakes = vscode.languages.getDiagnostics(document.uri);
    assert.deepEqual(mistakes.map(({ source }) => source), ['Cogscope', 'Cogscope', 'Cogscope', 'Cogscope', 'Cogscope'], mistakes.map(({ message }) => message).join('\n'));
    const proposed = async (inside: string): Promise<readonly string[]> => {
      const at = document.positionAt(document.getText().indexOf(inside) + 1);
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, at);
      return items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    };
    for (const name of ['"probability"', '"kl"']) await inTime(async () => assert.ok((await proposed('"logit-diference"')).includes(name), `${name} is proposed for the metric`));
    for (const name of ['direction', 'layers']) await inTime(async () => assert.ok((await proposed('"modle"')).includes(name), `${name} is proposed as a key`));
  });

  test('is shown as code beside it, as a file and in Python, each under a name that is free', async () => {
    const { document } = await open('code.cogscope.json');
    const reading = readExperiment(experiment);
    assert.ok(reading.kind === 'experiment');
    const own = { ...reading.experiment, model: inWorkspace('induction/induction.onnx').fsPath };
    write('activation-patching.py', '');
    for (const language of ['json', 'python'] as const) await showAsCode(own, language, document.uri);
    const shown = vscode.workspace.textDocuments.filter(({ isUntitled }) => isUntitled);
    assert.deepEqual(shown.map(({ fileName }) => basename(fileName)).sort(), ['activation-patching-2.py', 'activation-patching.cogscope.json']);
    for (const { fileName, languageId, getText } of shown) {
      assert.equal(languageId, fileName.endsWith('.py') ? 'python' : 'json');
      assert.match(getText(), languageId === 'python' ? /patching\.get_act_patch_attn_head_out_all_pos\(bridge, base, cache, measure\)/ : /"model": "\.\.\/induction\/induction\.onnx"/);
    }
    for (const { uri } of shown) {
      await vscode.window.showTextDocument(uri);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });

  test('of a model that is not there says so at its name, until the model is', async () => {
    const { document } = await open('missing.cogscope.json', { ...experiment, model: 'missing.onnx' });
    const [problem] = await eventually(() => (problems(document.uri).length > 0 ? problems(document.uri) : undefined));
    assert.equal(problem && document.getText(problem.range), '"missing.onnx"');
    assert.match(problem?.message ?? '', /does not exist/);
  });

  test('completes the addresses of the model that it names', async () => {
    const { document } = await open('complete.cogscope.json', { ...experiment, expect: [{ address: '', recovered: { atLeast: 0 } }] });
    const at = document.positionAt(document.getText().indexOf('"address": ""') + '"address": "'.length);
    await inTime(async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, at);
      const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      assert.ok(labels.includes('L1H7') && labels.includes('blocks.1.hook_resid_pre'), `no addresses among ${labels.slice(0, 20).join(', ')}`);
      assert.equal(labels.includes('L1H8'), false, 'a head that the model does not have');
    });
  });

  test('goes on with the cells that are missing when the engine is killed', async () => {
    const { cogscope: version, model, kind, pairs } = experiment;
    const all = { cogscope: version, model, kind, pairs, sites: ['resid_pre'], by: 'position' };
    const { document: { uri } } = await open('killed.cogscope.json', all);
    const api = await cogscope();
    const handle = reference?.handle;
    assert.ok(handle);
    const pid = pidOf(handle);
    freeze(pid);
    const running = vscode.commands.executeCommand('cogscope.compareExperiment', uri);
    await shows(handle, ({ engine }) => engine.kind === 'busy');
    process.kill(pid, 'SIGKILL');
    await running;
    const note = api.history.lastOf(uri);
    const kept = note && (await api.history.read(note.id));
    assert.equal(kept?.outcome.metrics.length, 2 * (kept?.outcome.frame.pairs[0]?.clean.length ?? 0), 'two layers at each token');
    assert.equal(kept?.outcome.metrics.some(Number.isNaN), false);
  });
});

suite('Patch…', () => {
  afterEach(async () => {
    await closeAll();
  });

  test('opens a panel with the selection as the clean prompt', async () => {
    await cogscope();
    const model = inWorkspace('induction/induction.onnx');
    await vscode.commands.executeCommand('cogscope.inspectModel', model);
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'apple river king' }), vscode.ViewColumn.One);
    editor.selection = new vscode.Selection(0, 0, 0, 11);
    await vscode.commands.executeCommand('cogscope.patch');
    const panel = await eventually(() => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ input }) => input instanceof vscode.TabInputWebview));
    assert.equal(panel.label, 'induction.onnx: Patching');
  });
});
