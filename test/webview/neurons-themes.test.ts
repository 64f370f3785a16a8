/** The panel of neurons in every theme and width: pictures kept as build output, and no finding of axe-core in any of its states. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel, Theme } from './harness.ts';
import { indexedStories, openNeurons } from './neuronPanel.ts';

const scratch = new Scratch();
let db = '';
before(async () => {
  ({ db } = await indexedStories(scratch));
});
after(closeBrowser);

const widths = [420, 900, 1500];

const overhang = (panel: Panel): Promise<number> => panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

async function lookAt(panel: Panel, view: string, theme: Theme): Promise<void> {
  for (const width of widths) {
    await panel.page.setViewportSize({ width, height: 900 });
    await panel.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    assert.equal(await overhang(panel), 0, `${view} at ${width} px reaches beyond the panel`);
    await panel.screenshot(`neurons-${view}-${theme.toLowerCase().replaceAll(' ', '-')}-${width}`);
    assert.deepEqual(await axeViolations(panel.page), [], `${view} at ${width} px in ${theme}`);
  }
}

test(`one neuron, its table and its keys, in ${THEMES.length} themes at ${widths.join(', ')} px`, async () => {
  const panel = await openNeurons({ db, address: 'L2N7' });
  const { page } = panel;
  await page.locator('.example').first().waitFor();
  await page.locator('.live-area textarea').fill('"Look," said Lily. "The dog is big!" Ben was happy.');
  await page.locator('.live .token').nth(8).waitFor();
  await page.locator('.live .token').nth(6).click();
  await page.locator('section[aria-label="Neurons at the chosen token"] .neuron-item').first().waitFor();
  await page.getByRole('button', { name: 'Test on the text above' }).click();
  await page.locator('.trial-table').waitFor();
  await page.locator('.context-token:not([title])').first().waitFor({ state: 'detached' });
  for (const theme of THEMES) {
    await panel.setTheme(theme);
    await lookAt(panel, 'one', theme);
    await page.locator('.example-button').first().focus();
    await page.keyboard.press('t');
    await page.locator('.neuron-table tbody tr').first().waitFor();
    await lookAt(panel, 'table', theme);
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    assert.deepEqual(await axeViolations(page), [], `keys in ${theme}`);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    await page.locator('.examples').waitFor();
  }
  assert.deepEqual(panel.problems, []);
  await panel.close();
});

test('a model without an index', async () => {
  const panel = await openNeurons({ address: 'L2N7' });
  await panel.page.getByText('What a neuron fires on').waitFor();
  for (const theme of THEMES) {
    await panel.setTheme(theme);
    await lookAt(panel, 'empty', theme);
  }
  await panel.close();
});
