/** The attention panel in every theme and width: pictures kept as build output, and no finding of axe-core in any of its states. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inTime } from '../lib/inTime.ts';
import { openAttention, runPrompt, words } from './attentionPanel.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel } from './harness.ts';
import { lookAt, widths } from './looks.ts';
import { callsAre, induction, root, statusSays } from './steps.ts';

after(closeBrowser);

for (const theme of THEMES) {
  test(`${theme}: grid, opened head, table and keys, at ${widths.join(', ')} px`, async () => {
    const panel = await openAttention({ model: induction, theme, size: { width: 900, height: 900 } });
    const look = (view: string): Promise<void> => lookAt(panel, `attention-${view}`, theme);
    await panel.page.locator('[data-address=L1H7]').waitFor();
    await look('empty');
    await runPrompt(panel, words);
    await panel.page.locator('[data-address=L1H1]').click();
    await panel.page.mouse.move(1, 1);
    await look('grid');
    await panel.page.keyboard.press('Enter');
    await statusSays(panel, /^L1H1 · .* attends to/);
    await look('head');
    await panel.page.keyboard.press('t');
    await panel.page.locator('.table-rows .table-row').first().waitFor();
    await look('table');
    await panel.page.keyboard.press('?');
    await panel.page.locator('dialog[open]').waitFor();
    assert.deepEqual(await axeViolations(panel.page), [], 'keys');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
}

const cell = (name: string): string => join(root, 'test/fixtures/cells', name, 'torch-20.onnx');

/** Addresses in the table that are cut off. */
const cutAddresses = (panel: Panel): Promise<readonly string[]> => panel.page.locator('.table-rows .table-row > :first-child').evaluateAll((cells) =>
  cells.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent ?? ''));

test('an encoder-decoder in four themes: its three grids, a head of cross attention, and the table with whole addresses', async () => {
  const panel = await openAttention({ model: cell('bart') });
  const look = async (view: string): Promise<void> => {
    for (const theme of THEMES) {
      await panel.setTheme(theme);
      await lookAt(panel, `attention-encoder-decoder-${view}`, theme, { widths: [420, 1000] });
    }
  };
  await panel.page.getByRole('textbox', { name: 'Decoder' }).fill('2, 7, 30');
  await runPrompt(panel, '5, 9, 12, 30, 41');
  await panel.page.locator('.attention .section-head', { hasText: /^attention · 4 layers · 24 heads$/i }).first().waitFor();
  await panel.page.locator('[data-address="dec.L1X3"]').click();
  await panel.page.mouse.move(1, 1);
  await panel.page.getByText('3 tokens of the decoder').waitFor();
  await look('grid');
  await panel.page.keyboard.press('Enter');
  await statusSays(panel, /^dec\.L1X3 · .* attends to/);
  await look('cross-head');
  await panel.page.keyboard.press('t');
  await panel.page.locator('.table-rows .table-row').first().waitFor();
  await look('table');
  assert.deepEqual(await cutAddresses(panel), []);
  assert.deepEqual(panel.problems, []);
  await panel.close();
});

test('a model of sound in four themes: the frame of its heads, and the command that runs it in place of a prompt', async () => {
  const panel = await openAttention({ model: cell('whisper') });
  await panel.page.getByText('This model takes sound, which cannot be given here yet.').waitFor();
  await panel.page.getByRole('button', { name: 'Copy the command' }).click();
  await inTime(() => assert.match(JSON.stringify(panel.callsOf('copy')), /cogscope run .*torch-20\.onnx --ids 1,2,3 --input input_features=FILE/));
  assert.equal(await panel.page.locator('.prompt-area').isVisible(), false, 'a prompt that nothing could run');
  await panel.page.keyboard.press('Control+Enter');
  for (const theme of THEMES) {
    await panel.setTheme(theme);
    await lookAt(panel, 'attention-sound', theme, { widths: [420, 1000] });
  }
  await callsAre(panel, 'run', []);
  assert.deepEqual(panel.problems, []);
  await panel.close();
});
