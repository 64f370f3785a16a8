import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { startWorkbench, THEMES, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { examples } from './support.ts';

const FILE = 'induction/copying.cogscope.json';

const experiment = `{
  "cogscope": 1,
  "model": "induction.onnx",
  "kind": "activation-patching",
  "pairs": [
    {
      "clean": "cat milk door piano snow wolf bread cat milk door",
      "corrupted": "cat milk door wolf snow piano bread cat milk door",
      "target": " piano",
      "distractor": " wolf"
    }
  ],
  "sites": ["z"],
  "by": "head",
  "expect": [
    { "address": "L1H7", "recovered": { "atLeast": 0.2 } },
    { "address": "L0H3", "recovered": { "atLeast": 0.5 } },
    { "top": 3, "includes": ["L1H7", "L1H1"] }
  ]
}
`;

suite('experiments in the editor', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, size: { width: 1280, height: 800 } });
    const path = join(bench.folder, FILE);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, experiment);
  });
  after(() => bench?.close());

  const lens = (text: string | RegExp): Locator => bench.page.locator('.codelens-decoration a').filter({ hasText: text }).first();
  const tab = (name: RegExp): Locator => bench.page.getByRole('tab', { name });
  const show = async (): Promise<void> => {
    await tab(/^copying\.cogscope\.json/).click();
  };

  /** What stands behind lines, which no text of the page has. */
  const behindLines = (): Promise<readonly string[]> => bench.page.evaluate(() =>
    [...document.querySelectorAll('.view-line span')].map((span) => getComputedStyle(span, '::after').content).filter((content) => /[✓✗]/.test(content)));

  test('stand under a lens that runs them, and show beside them what came of each expectation', async () => {
    // Nothing else has asked for the extension yet.
    await (await bench.explorerItem(FILE)).dblclick();
    await lens('Run and compare').click();
    await lens(/L1H7 0\.\d\d first of 16; 2 of 3 expectations passed/).waitFor();
    await until('a word behind each expectation', async () => {
      const told = await behindLines();
      return told.length === 3 && told[0]?.includes('✓ recovered 0.389') && told[1]?.includes('✗ got ') && told[2]?.includes('✓ top 3: L1H7 0.389') ? true : undefined;
    });
    await bench.page.locator('.codicon-testing-failed-icon').first().waitFor();
  });

  test('open the last result beside the new one in the editor’s own diff', async () => {
    await lens('Run and compare').click();
    await tab(/↔/).waitFor();
    await bench.page.locator('.monaco-diff-editor .view-line').filter({ hasText: 'metric logit-difference' }).first().waitFor();
    for (const theme of THEMES) {
      await bench.setTheme(theme);
      await bench.screenshot(`experiment-diff-${theme}`);
    }
    await tab(/↔/).getByLabel('Close').click();
  });

  test('are listed and run in the Testing view, which says what was expected and what came', async () => {
    await show();
    await bench.page.locator('.activitybar').getByRole('tab', { name: 'Testing' }).click();
    const tree = bench.page.getByRole('tree', { name: 'Test Explorer' });
    const file = tree.getByRole('treeitem', { name: /copying/ }).first();
    await file.hover();
    await file.getByRole('button', { name: 'Run Test' }).click();
    await bench.page.getByText(/L0H3: recovered expected at least 0\.5, got/).first().waitFor();
    // The examples' own experiments are still being listed, above and below.
    await until('its expectations', async () => {
      if ((await file.getAttribute('aria-expanded')) === 'true') return true;
      await file.locator('.monaco-tl-twistie').click();
      return undefined;
    });
    await tree.getByRole('treeitem', { name: /L0H3.*Failed/ }).waitFor();
    await tree.getByRole('treeitem', { name: /L1H7: recovered at least 0\.2.*Passed/ }).waitFor();
    for (const theme of THEMES) {
      await bench.setTheme(theme);
      await bench.screenshot(`experiment-testing-${theme}`);
    }
  });

  test('are marked where they are wrong while they are typed', async () => {
    await bench.page.keyboard.press('Escape');
    await show();
    writeFileSync(join(bench.folder, FILE), experiment.replace('"head"', '"heads"'));
    await lens('Cannot be run as it is').waitFor();
    await bench.page.locator('.squiggly-error').first().waitFor();
    await bench.screenshot('experiment-wrong');
    writeFileSync(join(bench.folder, FILE), experiment);
    await lens('Run and compare').waitFor();
  });

  test('say above and beside their lines what came of them, in every theme', async () => {
    await bench.command('View: Show Explorer');
    for (const theme of THEMES) {
      await bench.setTheme(theme);
      await lens(/first of 16/).waitFor();
      await bench.screenshot(`experiment-lens-${theme}`);
    }
    assert.equal(await lens('Run').isVisible(), true);
  });
});
