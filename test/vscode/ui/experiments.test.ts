import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { examples, inEveryTheme } from './support.ts';

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

const LONG = 'stories/long.cogscope.json';

const played = 'Lily and Ben played in the park. '.repeat(8);

/** Of so many cells that a cancel comes before the last; the prompts part at once, since a cell that changes nothing is not run. */
const long = `{
  "cogscope": 1,
  "model": "stories.onnx",
  "kind": "activation-patching",
  "pairs": [{ "clean": "Then Ben sang. ${played}Ben gave a ball to", "corrupted": "Then Lily sang. ${played}Lily gave a ball to", "target": " Lily", "distractor": " Ben" }],
  "sites": ["z", "q", "k", "v"],
  "by": "head-position"
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

  /** The list of earlier runs. */
  const history = async (): Promise<Locator> => {
    await bench.command('Cogscope: Experiment History');
    const picker = bench.page.locator('.quick-input-widget').filter({ hasText: 'Experiment History' });
    await picker.waitFor();
    return picker;
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
    await inEveryTheme(bench, 'experiment-diff');
    await tab(/↔/).getByLabel('Close').click();
  });

  test('are listed and run in the Testing view, which says what was expected and what came', async () => {
    await show();
    await bench.page.locator('.activitybar').getByRole('tab', { name: 'Testing' }).click();
    const tree = bench.page.getByRole('tree', { name: 'Test Explorer' });
    const file = tree.getByRole('treeitem', { name: /copying/ }).first();
    // The tree moves while the examples' experiments are being listed.
    await until('the experiment is run', () =>
      file.hover({ timeout: 2_000 }).then(() => file.getByRole('button', { name: 'Run Test' }).click({ timeout: 2_000 })).then(() => true, () => undefined));
    await bench.page.getByText(/L0H3: recovered expected at least 0\.5, got/).first().waitFor();
    // The examples' own experiments are still being listed, above and below.
    await until('its expectations', async () => {
      if ((await file.getAttribute('aria-expanded')) === 'true') return true;
      await file.locator('.monaco-tl-twistie').click({ timeout: 2_000 }).catch(() => undefined);
      return undefined;
    });
    await tree.getByRole('treeitem', { name: /L0H3.*Failed/ }).waitFor();
    await tree.getByRole('treeitem', { name: /L1H7: recovered at least 0\.2.*Passed/ }).waitFor();
    await inEveryTheme(bench, 'experiment-testing');
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
    await inEveryTheme(bench, 'experiment-lens', () => lens(/first of 16/).waitFor());
    await lens('Run').waitFor();
  });

  test('are cancelled from the notification; what was run is kept, and the next run comes to its end', async () => {
    writeFileSync(join(bench.folder, LONG), long);
    await (await bench.explorerItem(LONG)).dblclick();
    await bench.page.locator('.view-line').filter({ hasText: 'head-position' }).waitFor();
    await lens('Run and compare').click();
    await lens(/Running: [1-9]\d* of [\d,]+ cells/).waitFor();
    await bench.command('Notifications: Show Notifications');
    const notification = bench.page.locator('.notifications-center .notification-list-item').filter({ hasText: /Running long\.cogscope\.json/ });
    // Not by the pointer: the progress changes too often to hold still under it.
    await notification.getByRole('button', { name: 'Cancel' }).dispatchEvent('click');
    await notification.waitFor({ state: 'detached' });
    await bench.page.keyboard.press('Escape');
    await lens('Run and compare').waitFor();
    assert.equal(await lens(/first of/).count(), 0, 'a run that was cut short is no last result');
    const picker = await history();
    await picker.getByRole('option', { name: /long\.cogscope\.json.*cancelled/ }).first().waitFor();
    await bench.page.keyboard.press('Escape');
    writeFileSync(join(bench.folder, LONG), long.replace('"head-position"', '"head"'));
    // The editor takes up a changed file in its own time; before that, the long one would be run again.
    await bench.page.locator('.view-line').filter({ hasText: '"head"' }).waitFor();
    await lens('Run and compare').click();
    await lens(/first of 128/).waitFor();
  });

  test('have a history, from which a run is shown in the panel or compared', async () => {
    await show();
    const picker = await history();
    const runs = picker.getByRole('option', { name: /copying\.cogscope\.json/ });
    // Each run is listed.
    await runs.nth(1).waitFor();
    await bench.screenshot('experiment-history');
    await runs.first().hover();
    await runs.first().getByRole('button', { name: 'Compare with the Latest Run' }).click();
    await tab(/↔/).waitFor();
    await tab(/↔/).getByLabel('Close').click();
    await (await history()).getByRole('option', { name: /copying\.cogscope\.json/ }).first().click();
    await bench.webview('body[data-panel="patching"]');
    await tab(/: Patching/).first().waitFor();
  });
});

suite('experiments in a workspace that is not trusted', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, restricted: true, size: { width: 1280, height: 800 } });
    writeFileSync(join(bench.folder, FILE), experiment);
  });
  after(() => bench?.close());

  test('are not run: the lens says so and offers trust, and runs them once it is given', async () => {
    await (await bench.explorerItem(FILE)).dblclick();
    const lens = (text: string | RegExp): Locator => bench.page.locator('.codelens-decoration a').filter({ hasText: text }).first();
    await lens('Running needs a trusted workspace').waitFor();
    assert.equal(await lens('Run and compare').count(), 0);
    await bench.screenshot('experiment-restricted');
    await lens('Running needs a trusted workspace').click();
    await bench.page.getByRole('button', { name: 'Trust', exact: true }).click();
    // The editor of trust lies over the others.
    await bench.page.locator('.monaco-modal-editor-block').getByRole('button', { name: /^Close/ }).first().click();
    await lens('Run and compare').click();
    await lens(/L1H7 0\.\d\d first of 16; 2 of 3 expectations passed/).waitFor();
  });
});
