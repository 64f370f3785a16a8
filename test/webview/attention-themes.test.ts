/** The attention panel in every theme and width: pictures kept as build output, and no finding of axe-core in any of its states. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { induction, openAttention, runPrompt, statusSays, words } from './attentionPanel.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel } from './harness.ts';

after(closeBrowser);

const widths = [420, 900, 1500];

/** Nothing reaches beyond the panel's width: a panel never scrolls sideways as a whole. */
const overhang = (panel: Panel): Promise<number> => panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

for (const theme of THEMES) {
  const name = theme.toLowerCase().replaceAll(' ', '-');
  test(`${theme}: grid, opened head, table and keys, at ${widths.join(', ')} px`, async () => {
    const panel = await openAttention({ model: induction, theme, size: { width: 900, height: 900 } });
    const look = async (view: string): Promise<void> => {
      for (const width of widths) {
        await panel.page.setViewportSize({ width, height: 900 });
        await panel.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        assert.equal(await overhang(panel), 0, `${view} at ${width} px reaches beyond the panel`);
        await panel.screenshot(`attention-${view}-${name}-${width}`);
        assert.deepEqual(await axeViolations(panel.page), [], `${view} at ${width} px`);
      }
    };
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
