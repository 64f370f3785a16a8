/** The overview on real models: what it says of them, and that everything in it works by mouse and by keyboard. */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { CheckReport } from '../../src/shared/summary.ts';
import { inTime } from '../lib/inTime.ts';
import { closeBrowser, openPanel } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { figureOf, loaded, rowTexts } from './overviewPage.ts';
import { callsAre } from './steps.ts';

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

test('a GPT-2 is told in words and figures', async () => {
  const { page } = await open({ model: 'gpt2-sdpa-20' });
  assert.equal(await page.locator('.sentence').innerText(), 'A decoder of 3 layers with 4 heads each, width 32, 46.4 k parameters, opset 20, made by pytorch 2.13.0+cpu.');
  const figures = { Layers: '3', Heads: '4', 'KV heads': '4', d_head: '8', d_model: '32', d_mlp: '128', Vocabulary: '96', Context: '64', Norm: 'before each half', Positions: 'learned', Causal: 'yes' };
  for (const [term, value] of Object.entries(figures)) assert.equal(await figureOf(page, 'Figures of the anatomy', term), value, term);
  for (const [term, value] of Object.entries({ Size: '520 kB', 'External data': 'none', Parameters: '46,376', Nodes: '187', Opset: '20', 'IR version': '10', 'Source record': '184 of 187 nodes' })) {
    assert.equal(await figureOf(page, 'Figures of the file', term), value, term);
  }
  assert.deepEqual(await rowTexts(page.getByRole('table', { name: 'Inputs' })), [
    ['input_ids', 'int64', 'batch × sequence', 'token ids', 'must be given'],
    ['attention_mask', 'int64', 'batch × sequence', 'attention mask', '1 for every token'],
  ]);
  assert.deepEqual(await rowTexts(page.getByRole('table', { name: 'Outputs' })), [['logits', 'float32', 'batch × sequence × 96']]);
  await page.getByText('Nothing was refused.').waitFor();
  await page.getByText('No tokenizer beside the model').waitFor();
});

test('a BERT is an encoder that normalises after each half, with its three inputs filled by role', async () => {
  const { page } = await open({ model: 'bert-eager-18' });
  assert.match(await page.locator('.sentence').innerText(), /^An encoder of 2 layers with 4 heads each, width 32, 26\.7 k parameters, opset 18/);
  assert.equal(await figureOf(page, 'Figures of the anatomy', 'Norm'), 'after each half');
  assert.equal(await figureOf(page, 'Figures of the anatomy', 'Causal'), 'no');
  assert.deepEqual((await rowTexts(page.getByRole('table', { name: 'Inputs' }))).map((row) => row.at(-1)), ['must be given', '1 for every token', '0 for every token']);
});

test('a LLaMA shows which heads share keys and values, and says what is unknown until run', async () => {
  const { page } = await open({ model: 'llama-eager-18' });
  assert.equal(await figureOf(page, 'Figures of the anatomy', 'KV heads'), '2');
  assert.equal(await figureOf(page, 'Figures of the anatomy', 'Context'), 'unknown until run');
  assert.equal(await page.locator('.layer').nth(2).locator('.head-group').count(), 2, 'two groups of heads in a layer');
  await page.getByRole('button', { name: 'L0H2, keys and values of group 1' }).waitFor();
  assert.equal(await page.locator('.mlp').first().innerText(), '80 gated silu');
});

test('a model without MLPs says so', async () => {
  const { page } = await open({ model: 'attention-only-sdpa-20' });
  assert.match(await page.locator('.sentence').innerText(), /, without MLPs/);
  assert.equal(await figureOf(page, 'Figures of the anatomy', 'd_mlp'), 'no MLP');
});

test('a click on a head opens the attention panel there; the toolbar opens it as it is', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20' });
  const { page } = opened;
  await page.getByRole('button', { name: 'Head 2 of layer 1, L1H2' }).click();
  await page.getByRole('button', { name: 'Open attention' }).first().click();
  await callsAre(opened, 'openAttention', [{ address: 'L1H2' }, { address: null }]);
});

test('arrows move between heads and layers, Enter opens, Ctrl+C copies, and one Tab leaves the grid', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20' });
  const { page } = opened;
  await page.getByRole('button', { name: 'L0H0' }).focus();
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'Control+c', 'Enter']) await page.keyboard.press(key);
  await callsAre(opened, 'copy', [{ text: 'L1H2' }]);
  await callsAre(opened, 'openAttention', [{ address: 'L1H2' }]);
  assert.equal(await page.getByRole('grid').locator('[tabindex="0"]').count(), 1, 'the grid is one stop of Tab');
  await page.keyboard.press('Tab');
  await inTime(async () => assert.equal(await page.evaluate(() => document.activeElement?.closest('[role=grid]') === null), true, 'Tab leaves the grid'));
  await page.keyboard.press('Shift+Tab');
  await inTime(async () => assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-address')), 'L1H2', 'and comes back to the head that was left'));
});

test('the editor’s own menu is told the address of a head and of a row', async () => {
  const { page } = await open({ model: 'gpt2-sdpa-20' });
  const context = async (selector: string): Promise<unknown> => JSON.parse(await page.locator(selector).first().getAttribute('data-vscode-context') ?? 'null');
  assert.deepEqual(await context('[data-address="L2H3"]'), { webviewSection: 'head', address: 'L2H3', preventDefaultContextMenuItems: true });
  assert.deepEqual(await context('.addresses tbody tr'), { webviewSection: 'address', address: 'hook_embed', preventDefaultContextMenuItems: true });
});

test('layers link to the lines of Python in the exporter’s record, and a line that is not found is said to be missing', async () => {
  let found = true;
  const opened = await open({ model: 'gpt2-sdpa-20', handlers: () => ({ openSource: () => found }) });
  const { page } = opened;
  await page.getByRole('button', { name: 'modeling_gpt2.py:211' }).first().click();
  await callsAre(opened, 'openSource', [{ source: { file: 'transformers/models/gpt2/modeling_gpt2.py', line: 211, code: 'attn_output, attn_weights = attention_interface(' } }]);
  await page.getByRole('button', { name: 'L1', exact: true }).click();
  const lines = page.getByRole('group', { name: 'Lines of the exporter’s record in L1' });
  await lines.getByText('hidden_states = self.ln_1(hidden_states)').waitFor();
  found = false;
  await lines.getByRole('button', { name: 'modeling_gpt2.py:273' }).click();
  await page.getByRole('status').filter({ hasText: 'modeling_gpt2.py:273 is not in this workspace. Open the folder that holds transformers/models/gpt2/modeling_gpt2.py.' }).waitFor();
});

test('the checks run, and each number is the engine’s', async () => {
  let report: CheckReport | undefined;
  const { page } = await open({ model: 'gpt2-sdpa-20', handlers: (real) => ({ check: async (params, context) => (report = await real.check(params, context)) }) });
  await page.getByText('Not checked yet.').waitFor();
  await page.getByRole('button', { name: 'Run checks' }).first().click();
  await page.getByText(/^All \d+ checks hold/).waitFor();
  const { checks } = report ?? assert.fail('no checks were made');
  await page.getByText(`All ${checks.length} checks hold`).waitFor();
  const kinds = await rowTexts(page.getByRole('table').filter({ hasText: 'Largest difference' }));
  assert.deepEqual(kinds.map((row) => [row[0], row[4]]), [
    ['pattern × v = z', 'holds'], ['pattern looks back only', 'holds'], ['|q| = |q in the scores|', 'holds'], ['|k| = |k in the scores|', 'holds'],
    ['resid_pre + attn_out = resid_mid', 'holds'], ['resid_mid + mlp_out = resid_post', 'holds'],
    ['gelu_tanh(mlp_pre) = mlp_post', 'holds'], ['mlp_post × W_out + b = mlp_out', 'holds'], ['chain = file, bit for bit', 'holds'], ['fast chain = file', 'holds'],
  ]);
  await page.getByRole('button', { name: 'pattern × v = z' }).click();
  await page.locator('.check-more').first().waitFor();
  const layers = (await rowTexts(page.locator('.check-more').first())).slice(1);
  const expected = checks.filter((check) => check.name === 'pattern x v = z');
  assert.deepEqual(layers.map((row) => row[0]), ['L0', 'L1', 'L2']);
  assert.deepEqual(layers.map((row) => Number(row[2]?.replaceAll('−', '-'))), expected.map((check) => Number(check.maxAbs.toPrecision(3))), 'largest differences');
  assert.deepEqual(layers.map((row) => Number(row[3]?.replaceAll('−', '-'))), expected.map((check) => Number(check.tolerance.toPrecision(3))), 'tolerances');
});

test('a check that fails, or whose difference is NaN, is shown as failing where it failed', async () => {
  const { page } = await open({
    model: 'gpt2-sdpa-20',
    handlers: (real) => ({
      check: async (params, context) => {
        const report = await real.check(params, context);
        const broken: Readonly<Record<string, number>> = { 'pattern x v = z at blocks.1': NaN, 'resid_pre + attn_out = resid_mid at blocks.0': 0.5 };
        return { ...report, checks: report.checks.map((check) => (`${check.name} at ${check.address}` in broken ? { ...check, maxAbs: broken[`${check.name} at ${check.address}`] ?? 0, ok: false } : check)) };
      },
    }),
  });
  await page.getByRole('button', { name: 'Run checks' }).first().click();
  await page.getByText(/^2 of \d+ checks fail/).waitFor();
  const rows = await rowTexts(page.getByRole('table').filter({ hasText: 'Largest difference' }));
  const shown = (name: string): readonly (string | undefined)[] => rows.filter((row) => row[0] === name).flatMap((row) => [row[2], row[4]]);
  assert.deepEqual(shown('pattern × v = z'), ['NaN', 'fails at 1 of 3']);
  assert.deepEqual(shown('resid_pre + attn_out = resid_mid'), ['0.5', 'fails at 1 of 3']);
  await page.getByRole('img', { name: 'fails at L1' }).waitFor();
  await page.getByRole('img', { name: 'fails at L0' }).waitFor();
});

test('checks that run are seen to run, and can be cancelled from the place where they were started', async () => {
  let aborted = false;
  const { page } = await open({
    model: 'gpt2-sdpa-20',
    handlers: () => ({
      check: (_, { signal }) => new Promise<CheckReport>((_resolve, reject) => signal.addEventListener('abort', () => {
        aborted = true;
        reject(new Error('aborted'));
      })),
    }),
  });
  const button = page.locator('.toolbar').getByRole('button', { name: 'Run checks' });
  await button.focus();
  await page.keyboard.press('Enter');
  await page.getByText('Running the checks').waitFor();
  await inTime(async () => assert.ok(await page.locator('vscode-progress-ring').evaluate((ring) => ring.shadowRoot !== null), 'the ring is drawn'));
  await page.locator('.toolbar').getByRole('button', { name: 'Cancel checks' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Not checked yet.').waitFor();
  await button.waitFor();
  await inTime(() => assert.equal(aborted, true, 'the host was told to stop'));
});

test('checks that could not run say why; that the engine ended is said quietly', async () => {
  let answer: CheckReport | Error = { checks: [], refused: [], ms: 1, error: { code: 'changed', what: 'The file changed', todo: 'Reload the model', where: 'model.onnx', detail: 'size 1, was 2' } };
  const { page } = await open({
    model: 'gpt2-sdpa-20',
    handlers: () => ({
      check: () => {
        if (answer instanceof Error) throw answer;
        return answer;
      },
    }),
  });
  await page.getByRole('button', { name: 'Run checks' }).first().click();
  await page.getByRole('alert').filter({ hasText: 'The file changed (model.onnx). Reload the model.' }).waitFor();
  answer = new CogscopeError('engine-died', 'The engine ended', '', '', 'signal SIGKILL');
  await page.getByRole('button', { name: 'Run checks' }).first().click();
  await page.getByText('The engine ended before the checks did.').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0, 'no alert');
});

test('where the workspace is not trusted, the model is shown and running asks for trust', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20', host: { trusted: false } });
  const { page, update } = opened;
  await page.getByText('This workspace is not trusted: the model can be looked at, and not run.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Run checks' }).count(), 0);
  await page.getByRole('button', { name: 'Manage workspace trust' }).first().click();
  await callsAre(opened, 'command', [{ name: 'manageTrust' }]);
  update({ trusted: true });
  await page.getByRole('button', { name: 'Run checks' }).first().waitFor();
  await page.getByText('This workspace is not trusted').waitFor({ state: 'detached' });
});
