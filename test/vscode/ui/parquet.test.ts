import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { cogscope } from '../../engine/lib/cogscope.ts';
import { fixtureFolder } from '../../engine/fixtures.ts';
import { startWorkbench } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { examples } from './support.ts';

suite('a Parquet file in the editor', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples });
    copyFileSync(join(fixtureFolder, 'parquet/several.parquet'), join(bench.folder, 'stories/several.parquet'));
  });
  after(() => bench?.close());

  test('is indexed by the column that a person picks', async () => {
    const quickPick = (text: string | RegExp) => bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
    await bench.explorerContextMenu('stories/stories.onnx', 'Inspect Model');
    await bench.webview('body[data-panel="overview"] .head');
    await bench.explorerContextMenu('stories/stories.onnx', 'Index Neurons…');
    await quickPick('several.parquet').locator('input[type="checkbox"], .monaco-checkbox').first().click();
    await bench.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await bench.page.getByPlaceholder('The column of stories/several.parquet that holds the text').waitFor();
    await quickPick('title').waitFor();
    await bench.screenshot('neurons-pick-column');
    await quickPick('body').click();
    await quickPick(/tokens of 1 file take/).waitFor();
    await bench.page.keyboard.press('Enter');
    await bench.page.getByText(/4,096 neurons indexed over [\d,]+ tokens/).first().waitFor({ timeout: 120_000 });
    const db = join(bench.folder, '.cogscope/stories/stories.onnx.neurons.db');
    const { code, stdout, stderr } = await cogscope('neurons', 'show', join(bench.folder, 'stories/stories.onnx'), 'L2N7', '--db', db, '--json');
    assert.equal(code, 0, stderr);
    const { examples: found } = JSON.parse(stdout) as { readonly examples: readonly { readonly file: string }[] };
    assert.ok(found.length > 0 && found.every(({ file }) => file.endsWith('several.parquet')));
  });
});
