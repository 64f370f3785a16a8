/** The patching panel in every theme and width: pictures kept as build output, nothing beyond its width, and no finding of axe-core in any of its states. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { HistoryEntry } from '../../src/shared/protocol/panelApi.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import { lookAt, widths } from './looks.ts';
import { button, byHead, held, openPatching, typed } from './patchingPanel.ts';
import { runDone, stories } from './steps.ts';

after(closeBrowser);

const pair = { clean: 'Lily and Ben went to the park. Ben gave a ball to', corrupted: 'Lily and Ben went to the park. Lily gave a ball to', target: ' Lily', distractor: ' Ben' };
const history: readonly HistoryEntry[] = [
  { id: 'b', at: 1_790_000_000_000, title: 'Activation patching of z by head-position, denoise', result: 'L0H2@13 1.01 first of 448; 1 of 2 expectations passed', complete: true },
  { id: 'a', at: 1_789_990_000_000, title: 'Ablation (zero) of z by head, 12 pairs', result: 'L0H2 −4.12 first of 32', complete: false },
];

for (const theme of THEMES) {
  test(`${theme}: a draft, a sweep in the making, its end with expectations, a cell, the table and the history, at ${widths.join(', ')} px`, async () => {
    let batches = 0;
    const { handlers, letGo } = held((progress) => progress.kind === 'cells' && ++batches === 2);
    const panel = await openPatching({
      model: stories, theme, size: { width: 900, height: 900 },
      handlers: (real) => ({ ...handlers(real), history: () => history }),
      patching: {
        experiment: {
          ...byHead, pairs: [pair], by: 'head-position',
          expect: [{ kind: 'cell', address: 'L0H2@13', field: 'recovered', atLeast: 0.5 }, { kind: 'top', top: 2, includes: ['L1H0@13'] }],
        },
      },
    });
    const look = (view: string): Promise<void> => lookAt(panel, `patching-${view}`, theme, { whole: '.setup *, .result-top *, .cell-top *, .history *' });
    await typed(panel);
    await look('draft');
    await button(panel, 'Run').first().click();
    await panel.page.waitForFunction(() => /^[1-9]\d* of 448 cells/.test(document.querySelector('.toolbar-progress')?.textContent ?? ''));
    await look('running');
    letGo();
    await runDone(panel);
    await panel.page.locator('.strongest-row').first().click();
    await panel.page.locator('.change .map-canvas').waitFor();
    await panel.page.mouse.move(1, 1);
    await look('cell');
    await panel.page.locator('.cell').evaluate((cell) => cell.scrollIntoView());
    await panel.page.locator('.history summary').click();
    await look('history');
    await panel.page.locator('.result').evaluate((result) => result.scrollIntoView());
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
