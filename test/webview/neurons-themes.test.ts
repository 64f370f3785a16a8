/** The panel of neurons in every theme and width: pictures kept as build output, and no finding of axe-core in any of its states. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Scratch } from '../lib/scratch.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import { lookAt, widths } from './looks.ts';
import { openEngine } from '../engine/lib/openEngine.ts';
import { indexedStories, openNeurons } from './neuronPanel.ts';
import { stories } from './steps.ts';

const scratch = new Scratch();
let db = '';
before(async () => {
  ({ db } = await indexedStories(scratch));
});
after(closeBrowser);

test(`one neuron, its table and its keys, in ${THEMES.length} themes at ${widths.join(', ')} px`, async () => {
  const { engine, call } = await openEngine(stories, null);
  const long = 'Words that begin a quotation, and the marks of one, mostly where a child is about to speak to its mother';
  await engine.importDescriptions({ db, file: scratch.write('list.json', JSON.stringify([{ address: 'L2N7', description: long, source: 'gpt-4o-mini, oai_token-act-pair', score: 0.412 }, { address: 'L2N7', description: 'quotation marks', source: 'ours' }])) }, call);
  const panel = await openNeurons({ db, address: 'L2N7' });
  const { page } = panel;
  await page.locator('.example').first().waitFor();
  await page.getByRole('list', { name: 'Described by others' }).waitFor();
  await page.locator('.live-area textarea').fill('"Look," said Lily. "The dog is big!" Ben was happy.');
  await page.locator('.live .token').nth(8).waitFor();
  await page.locator('.live .token').nth(6).click();
  await page.locator('section[aria-label="Neurons at the chosen token"] .neuron-item').first().waitFor();
  await page.getByRole('button', { name: 'Test on the text above' }).click();
  await page.locator('.trial-table').waitFor();
  await page.locator('.context-token:not([title])').first().waitFor({ state: 'detached' });
  for (const theme of THEMES) {
    await panel.setTheme(theme);
    await lookAt(panel, 'neurons-one', theme);
    await page.locator('.example-button').first().focus();
    await page.keyboard.press('t');
    await page.locator('.neuron-table tbody tr').first().waitFor();
    await lookAt(panel, 'neurons-table', theme);
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
    await lookAt(panel, 'neurons-empty', theme);
  }
  await panel.close();
});
