/** The overview when something is not as it should be, and what it keeps: refusals, errors, notices, filter, folds, reload. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import type { ErrorData } from '../../src/shared/errors.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import { FLOAT, floats, model as onnx, modelBytes, node, valueInfo } from '../lib/protos.ts';
import { inTime } from '../lib/inTime.ts';
import { Scratch } from '../lib/scratch.ts';
import { closeBrowser, openPanel } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { figureOf, loaded, rowTexts } from './overviewPage.ts';
import { callsAre } from './steps.ts';

const scratch = new Scratch();
let panel: Panel | undefined;
after(closeBrowser);
afterEach(async () => {
  const problems = panel?.problems ?? [];
  await panel?.close();
  panel = undefined;
  assert.deepEqual(problems, [], 'the page had errors');
});

async function open(options: PanelOptions): Promise<Panel> {
  panel = await openPanel('overview', options);
  await loaded(panel);
  return panel;
}

const died: ErrorData = { code: 'engine-died', what: 'The engine ended', todo: 'Restart it, or look at the log', where: '', detail: 'signal SIGKILL' };
const image = valueInfo('image', FLOAT, ['batch', 3, 16, 16]);
const map = valueInfo('map', FLOAT, ['batch', 3, 16, 9]);

test('a network that is no transformer still shows its file, inputs and outputs, and offers nothing that cannot be done', async () => {
  const bytes = modelBytes(onnx({ nodes: [node('MatMul', ['image', 'kernel'], ['c']), node('Relu', ['c'], ['map'])], weights: [floats('kernel', [16, 9], Array.from({ length: 144 }, () => 0.1))], inputs: [image], outputs: [map] }));
  const { page } = await open({ model: scratch.write('lines.onnx', bytes) });
  assert.match(await page.locator('.sentence').innerText(), /^A graph of 2 nodes in which no layers were recognised, 144 parameters, opset 18/);
  await page.getByText('No attention layers or MLPs were recognised in this graph.').waitFor();
  await page.getByText('No attention and no residual stream were found in the graph').waitFor();
  assert.deepEqual(await rowTexts(page.getByRole('table', { name: 'Inputs' })), [['image', 'float32', 'batch × 3 × 16 × 16', 'not recognised', 'must be given']]);
  assert.equal(await figureOf(page, 'Figures of the file', 'Weights'), '144 float32');
  await page.getByText('The model takes no token ids, so it needs no tokenizer.').waitFor();
  for (const name of ['Open attention', 'Run checks']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
});

test('a convolutional network is called one, takes an image, and offers no attention', async () => {
  const bytes = modelBytes(onnx({
    nodes: [node('Conv', ['image', 'kernel'], ['c']), node('Relu', ['c'], ['map'])], weights: [floats('kernel', [2, 3, 3, 3], Array.from({ length: 54 }, () => 0.1))],
    inputs: [image], outputs: [valueInfo('map', FLOAT, ['batch', 2, 14, 14])],
  }));
  const { page } = await open({ model: scratch.write('conv.onnx', bytes) });
  assert.match(await page.locator('.sentence').innerText(), /^A convolutional network of 1 convolution, 54 parameters, opset 18/);
  assert.deepEqual(await rowTexts(page.getByRole('table', { name: 'Inputs' })), [['image', 'float32', 'batch × 3 × 16 × 16', 'image', 'must be given']]);
  assert.equal(await page.getByRole('button', { name: 'Open attention' }).count(), 0);
});

test('operators of an unknown domain are refused by name, with what to do', async () => {
  const bytes = modelBytes(onnx({ nodes: [node('FancyAttention', ['x'], ['y'], {}, 'my.company')], inputs: [valueInfo('x', FLOAT, ['batch', 3])], outputs: [valueInfo('y', FLOAT, ['batch', 3])] }, { opset: { '': 18, 'my.company': 1 } }));
  const { page } = await open({ model: scratch.write('custom.onnx', bytes) });
  await page.getByText('The model uses FancyAttention of the domain "my.company"').waitFor();
  await page.getByText('Export the model without custom operators.').waitFor();
  assert.equal(await figureOf(page, 'Figures of the file', 'Opset'), '18, my.company 1');
});

test('a file that is no model is one sentence, with Reload', async () => {
  const opened = await open({ model: scratch.write('text.onnx', 'this is not a model') });
  const { page } = opened;
  await page.getByRole('alert').filter({ hasText: 'The file is text, not an ONNX model' }).waitFor();
  await page.getByRole('button', { name: 'Reload model' }).last().click();
  await page.getByRole('button', { name: 'Show log' }).click();
  await callsAre(opened, 'command', [{ name: 'reloadModel' }, { name: 'showLog' }]);
});

test('the details of an error are folded, and unfold', async () => {
  const { page } = await open({ model: null, host: { state: { kind: 'error', error: { code: 'unreadable', what: 'The model cannot be read', todo: 'Export it again', where: 'byte 12', detail: 'varint past the end' } } } });
  await page.getByText('The model cannot be read (byte 12). Export it again.').waitFor();
  assert.equal(await page.getByText('varint past the end').isVisible(), false);
  await page.getByText('Show details').click();
  await page.getByText('varint past the end').waitFor();
});

test('a model that is being read is said to be, and then appears', async () => {
  const source = await open({ model: 'gpt2-sdpa-20' });
  const summary = (await source.page.locator('.sentence').innerText());
  await source.close();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { page } = await open({ model: 'gpt2-sdpa-20', handlers: (real) => ({
    ready: async (params, context) => ({ ...(await real.ready(params, context)), state: { kind: 'loading' as const } }),
    addresses: async (params, context) => {
      await held;
      return real.addresses(params, context);
    },
  }) });
  await page.getByRole('status').filter({ hasText: 'Reading model.onnx' }).waitFor();
  panel?.update({});
  await page.getByText(summary).waitFor();
  release();
  await page.getByText('42 of 42').waitFor();
});

test('changed, restarting and failed are each one line with what can be done', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20' });
  const { page, update } = opened;
  update({ changed: true });
  await page.getByRole('status').filter({ hasText: 'The file changed since it was opened.' }).getByRole('button', { name: 'Reload model' }).click();
  update({ changed: false, engine: { kind: 'restarting', attempt: 2, error: died } });
  await page.getByText('The engine ended; starting it again (attempt 2).').waitFor();
  await page.getByText('The file changed').waitFor({ state: 'detached' });
  update({ engine: { kind: 'failed', error: died } });
  await page.getByRole('alert').filter({ hasText: 'The engine ended. Restart it, or look at the log.' }).getByRole('button', { name: 'Restart engine' }).click();
  update({ engine: { kind: 'ready' } });
  await page.getByText('The engine ended').waitFor({ state: 'detached' });
  await callsAre(opened, 'command', [{ name: 'reloadModel' }, { name: 'restartEngine' }]);
});

test('the engine’s comings and goings leave the page and the focus as they are', async () => {
  const { page, update } = await open({ model: 'gpt2-sdpa-20' });
  await page.getByRole('button', { name: 'L1H1' }).focus();
  for (const kind of ['stopped', 'starting', 'ready'] as const) update({ engine: { kind } });
  update({ changed: true });
  await page.getByText('The file changed').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-address')), 'L1H1');
});

test('addresses that the engine could not give are asked for again when it is back', async () => {
  let dead = true;
  const { page, update } = await openPanel('overview', {
    model: 'gpt2-sdpa-20',
    handlers: (real) => ({
      addresses: (params, context) => {
        if (dead) throw CogscopeError.from(died);
        return real.addresses(params, context);
      },
    }),
  }).then((opened) => (panel = opened));
  await page.locator('.sentence').waitFor();
  update({ engine: { kind: 'restarting', attempt: 1, error: died } });
  await page.getByText('starting it again (attempt 1)').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0, 'an engine that is started again is no error of the addresses');
  dead = false;
  update({ engine: { kind: 'ready' } });
  await page.getByText('42 of 42').waitFor();
});

test('the filter takes words, globs and short forms; slash goes to it, Escape clears it, Enter on a row copies', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20' });
  const { page } = opened;
  await page.getByRole('button', { name: 'L0H0' }).focus();
  await page.keyboard.press('/');
  const filtered = async (text: string, expected: string): Promise<void> => {
    await page.keyboard.press('Escape');
    await page.keyboard.type(text);
    await inTime(async () => assert.equal(await page.locator('.filter [role=status]').innerText(), expected, text));
  };
  await filtered('blocks.1 mlp', '3 of 42');
  await filtered('blocks.*.attn.hook_pattern', '3 of 42');
  await filtered('L2H3', '1 of 42');
  await filtered('nothing of the kind', 'No address matches.');
  await filtered('scaled_dot', '3 of 42');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+c');
  await callsAre(opened, 'copy', [{ text: 'blocks.1.attn.hook_z' }, { text: 'blocks.1.attn.hook_z' }]);
  await page.getByText('Copied blocks.1.attn.hook_z').waitFor({ state: 'attached' });
});

test('an address that is asked for from elsewhere is shown and has the focus, even in a folded section', async () => {
  const { page, emit } = await open({ model: 'gpt2-sdpa-20' });
  await page.getByRole('button', { name: 'Anatomy', exact: true }).click();
  emit('reveal', { address: 'L2H1' });
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-address') === 'L2H1');
  emit('reveal', { address: 'blocks.1.hook_mlp_out' });
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-address') === 'blocks.1.hook_mlp_out');
});

test('scroll, filter, folds and what was checked are there after a reload; checks of another reading are not', async () => {
  const { page, update, reload } = await open({ model: 'gpt2-sdpa-20' });
  await page.getByRole('button', { name: 'Run checks' }).first().click();
  await page.getByText(/^All \d+ checks hold/).waitFor();
  await page.getByRole('button', { name: 'pattern × v = z' }).click();
  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page.keyboard.press('/');
  await page.keyboard.type('blocks');
  await page.evaluate(() => new Promise((resolve) => {
    document.addEventListener('scrollend', resolve, { once: true });
    window.scrollTo({ top: 300 });
  }));
  await reload();
  assert.ok(panel);
  await loaded(panel);
  await page.getByText(/^All \d+ checks hold/).waitFor();
  await page.getByRole('button', { name: 'pattern × v = z', expanded: true }).waitFor();
  await page.getByRole('button', { name: 'File', exact: true, expanded: false }).waitFor();
  await inTime(async () => assert.equal(await page.locator('.filter [role=status]').innerText(), '39 of 42', 'filter'));
  await page.waitForFunction(() => window.scrollY === 300);

  const { state } = panel.model();
  assert.ok(state.kind === 'open');
  update({ state: { kind: 'open', summary: { ...state.summary, ms: { read: 1, anatomy: 1 } } } });
  await page.getByText('Not checked yet.').waitFor();
});

test('a small model is checked by itself, once a reading, and not before the workspace is trusted', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20', host: { checksItself: true, trusted: false } });
  const { page, update, model: shown } = opened;
  await page.getByText('this workspace is not trusted to run anything').waitFor();
  await callsAre(opened, 'check', []);
  update({ trusted: true });
  await page.getByText(/^All \d+ checks hold/).waitFor();
  update({ engine: { kind: 'stopped' } });
  update({ engine: { kind: 'ready' } });
  await opened.heard();
  assert.equal(opened.callsOf('check').length, 1, 'checks of one reading');
  const { state } = shown();
  assert.ok(state.kind === 'open');
  update({ state: { kind: 'open', summary: { ...state.summary, ms: { read: 1, anatomy: 1 } } } });
  await inTime(() => assert.equal(opened.callsOf('check').length, 2, 'checks of two readings'));
  await page.getByText(/^All \d+ checks hold/).waitFor();
});

test('a check that ended the engine is not made again unless it is asked for', async () => {
  const opened = await open({
    model: 'gpt2-sdpa-20', host: { checksItself: true }, handlers: () => ({ check: () => Promise.reject(CogscopeError.from(died)) }),
  });
  const { page, update, model: shown } = opened;
  await page.getByText('The engine ended before the checks did.').waitFor();
  const { state } = shown();
  assert.ok(state.kind === 'open');
  update({ state: { kind: 'open', summary: { ...state.summary, ms: { read: 1, anatomy: 1 } } } });
  await page.getByText('Not checked yet.').waitFor();
  await opened.heard();
  assert.equal(opened.callsOf('check').length, 1);
});

test('a question mark lists the keys, and Escape gives the focus back', async () => {
  const { page } = await open({ model: 'gpt2-sdpa-20' });
  await page.getByRole('button', { name: 'L0H3' }).focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Filter the addresses').waitFor();
  await page.keyboard.press('Escape');
  await inTime(async () => assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-address')), 'L0H3'));
});

test('ways onward: attention, the same in a terminal, settings, the log', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20' });
  const { page } = opened;
  const list = page.locator('.onward');
  for (const name of ['Open attention', 'Copy the command', 'Open settings', 'Show log']) await list.getByRole('button', { name }).click();
  await callsAre(opened, 'openAttention', [{ address: null }]);
  await inTime(() => assert.match(JSON.stringify(opened.callsOf('copy')), /cogscope inspect .*gpt2-sdpa-20\/model\.onnx --check/));
  await callsAre(opened, 'command', [{ name: 'openSettings' }, { name: 'showLog' }]);
});
