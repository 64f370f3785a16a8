import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { attention, examples, inEveryTheme, overview } from './support.ts';

const MODEL = 'stories/stories.onnx';
const PATTERN_LINE = 'pattern = torch.softmax(scores + mask, dim=-1)';

suite('beside the code', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, size: { width: 1900, height: 950 }, settings: { 'editor.minimap.enabled': false, 'chat.commandCenter.enabled': false } });
  });
  after(() => bench?.close());

  const lens = (text: string): Locator => bench.page.locator('.codelens-decoration a').filter({ hasText: text }).first();
  const viewLine = (text: string): Locator => bench.page.locator('.view-line').filter({ hasText: text }).first();
  /** Code with its hints, as one reads it. */
  const textOf = async (line: Locator): Promise<string> => (await line.innerText()).replaceAll('\u00a0', ' ');
  /** The line that the cursor is in, as the status bar tells it. */
  const untilLine = (line: number): Promise<void> => bench.page.locator('.statusbar-item').filter({ hasText: new RegExp(`^Ln ${line}, `) }).waitFor();

  test('a head’s menu leads to the line that made it', async () => {
    await bench.explorerContextMenu(MODEL, 'Inspect Model');
    await overview(bench);
    await bench.explorerContextMenu(MODEL, 'Open Attention');
    const frame = await attention(bench);
    await frame.locator('.head[data-address="L2H3"]').click({ button: 'right' });
    await bench.menuItem('Show in Code');
    await bench.page.getByRole('tab', { name: /^model\.py/ }).waitFor();
    await untilLine(24);
  });

  test('that line says which layers and heads it is, and what it made', async () => {
    await lens('Attention pattern of layers 0–3, 8 heads each in stories.onnx').waitFor();
    const text = await until('a hint behind the line', async () => {
      const now = await textOf(viewLine(PATTERN_LINE));
      return now.includes('layers') ? now : undefined;
    });
    assert.match(text, /dim=-1\)\s*layers 0–3: pattern \[batch, 8, pos, pos\]/);
    await bench.page.keyboard.press('Control+B');
    await inEveryTheme(bench, 'code');
    await bench.page.keyboard.press('Control+B');
  });

  test('its lens leads to a layer’s first head', async () => {
    await lens('Attention pattern of layers 0–3').click();
    await bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'blocks.2.attn.hook_pattern' }).click();
    await (await attention(bench)).locator('.toolbar-address').filter({ hasText: 'L2H0' }).waitFor();
  });

  test('a large head has the same menu, and its pattern as Python', async () => {
    const frame = await attention(bench);
    await frame.locator('.large').click({ button: 'right' });
    await bench.menuItem('Copy as Python (TransformerLens)');
    await bench.page.getByText(/Type a prompt in the attention panel of stories\.onnx first/).first().waitFor();
    await frame.locator('.large').click({ button: 'right' });
    await bench.menuItem('Show in Code');
    await untilLine(24);
  });

  test('a layer of the tree leads to its line, and an edited line to the one most like it', async () => {
    await bench.page.getByRole('tab', { name: /^model\.py/ }).click();
    await viewLine(PATTERN_LINE).click();
    await bench.page.keyboard.press('End');
    await bench.page.keyboard.type('  # causal');
    await bench.page.keyboard.press('Control+Home');
    await lens('Changed since stories.onnx was exported: 1 line of').waitFor();
    await bench.screenshot('code-changed');
    await bench.page.locator('.activitybar').getByRole('tab', { name: 'Cogscope' }).click();
    const tree = bench.page.getByRole('tree', { name: 'Model' });
    await tree.getByRole('treeitem', { name: 'Layer 1' }).click({ button: 'right' });
    await bench.menuItem('Show in Code');
    await untilLine(45);
    await tree.getByRole('treeitem', { name: 'Layer 1' }).locator('.monaco-tl-twistie').click();
    await tree.getByRole('treeitem', { name: 'Attention' }).click({ button: 'right' });
    await bench.menuItem('Show in Code');
    await untilLine(24);
    await bench.page.getByText(/Line 24 was not found as recorded .*: this is the line most like it/).first().waitFor();
    await bench.screenshot('code-similar');
  });
});
