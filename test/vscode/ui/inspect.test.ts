import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startWorkbench } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { MODEL, attention, examples, inEveryTheme, overview, untilStatus } from './support.ts';

suite('a model, inspected', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples });
  });
  after(() => bench?.close());

  test('from the Explorer: the overview is there, and the engine ready', async () => {
    await bench.explorerContextMenu(MODEL, 'Inspect Model');
    const frame = await overview(bench);
    assert.equal(await frame.locator('.head').count(), 16, 'heads of two layers of eight');
    await untilStatus(bench, /Cogscope: ready/);
  });

  test('is checked by itself on a run of its own, and again when it is asked for', async () => {
    const frame = await overview(bench);
    await frame.locator('.verdict').waitFor();
    await frame.locator('.toolbar-actions').getByText('Run checks').click();
    await frame.locator('.verdict', { hasText: /hold/i }).waitFor();
  });

  test('links to the Python line that made a layer', async () => {
    const frame = await overview(bench);
    await frame.getByText(/^model\.py:\d+$/).first().click();
    await bench.page.getByRole('tab', { name: /^model\.py/ }).getByLabel('Close').click();
    await overview(bench);
  });

  test('stands in the Model view, from where a head opens in the attention panel', async () => {
    await bench.page.locator('.activitybar').getByRole('tab', { name: 'Cogscope' }).click();
    const tree = bench.page.getByRole('tree', { name: 'Model' });
    await tree.getByRole('treeitem', { name: 'Layer 1' }).locator('.monaco-tl-twistie').click();
    await tree.getByRole('treeitem', { name: 'Attention' }).locator('.monaco-tl-twistie').click();
    await tree.getByRole('treeitem', { name: 'L1H2' }).click();
    const frame = await attention(bench);
    await frame.locator('.toolbar-address').filter({ hasText: 'L1H2' }).waitFor();
    await bench.screenshot('tree');
    await bench.page.getByRole('tab', { name: 'induction.onnx: Attention' }).getByLabel('Close').click();
  });

  test('says that its file changed, and is read anew', async () => {
    await bench.page.locator('.activitybar').getByRole('tab', { name: /^Explorer/ }).click();
    const frame = await overview(bench);
    appendFileSync(join(bench.folder, MODEL), Buffer.from([0x32, 0x00])); // An empty doc_string: still the same model.
    await frame.getByText('The file changed since it was opened').waitFor();
    await untilStatus(bench, /Cogscope: model changed/);
    await frame.locator('.notices vscode-button').getByText('Reload model').click();
    await untilStatus(bench, /Cogscope: ready/);
    await frame.getByText('The file changed since it was opened').waitFor({ state: 'hidden' });
  });

  test('from the palette: the workspace’s models with their sizes', async () => {
    await bench.command('Cogscope: Inspect Model');
    const row = bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: MODEL }).filter({ hasText: /837.kB/ });
    await row.click();
    await overview(bench);
  });

  test('looks well in every theme', async () => {
    await inEveryTheme(bench, 'overview', () => overview(bench));
  });
});
