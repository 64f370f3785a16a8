/** One cell of the patching panel in full: predictions before and after, what changed on the way, each pair, and where to go from there. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { PatchedRun } from '../../src/shared/protocol/experimentApi.ts';
import { percent, significant } from '../../src/shared/format.ts';
import { inTime } from '../lib/inTime.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { area, button, byHead, openPatching, pair, run } from './patchingPanel.ts';
import { callsAre, holds, statusSays } from './steps.ts';

after(closeBrowser);

/** Keeps what the engine gave for each cell that was asked for. */
function listening(): { readonly handlers: NonNullable<PanelOptions['handlers']>; readonly runs: readonly PatchedRun[] } {
  const runs: PatchedRun[] = [];
  return {
    runs,
    handlers: (real) => ({
      patchedRun: async (params, context) => {
        const patched = await real.patchedRun(params, context);
        runs.push(patched);
        return patched;
      },
    }),
  };
}

const columns = (panel: Panel): Promise<readonly (readonly [string, string, string])[]> =>
  panel.page.locator('.cell-column').evaluateAll((all) => all.map((one) => [
    one.querySelector('.cell-title')?.firstChild?.textContent ?? '', one.querySelector('.predictions-token')?.textContent ?? '', one.querySelector('.predictions-row .number')?.textContent ?? '',
  ] as const));

/** Clicks a cell of the map. */
async function click(panel: Panel, row: number, col: number, cell: { readonly rows: number; readonly cols: number } = { rows: 2, cols: 8 }): Promise<void> {
  const canvas = panel.page.locator('.map-canvas').first();
  const box = await canvas.boundingBox();
  assert.ok(box);
  await canvas.click({ position: { x: ((col + 0.5) / cell.cols) * box.width, y: ((row + 0.5) / cell.rows) * box.height } });
}

suite('a cell in full', () => {
  test('a click shows the patched run beside corrupted and clean, with the engine’s own predictions', async () => {
    const { handlers, runs } = listening();
    const panel = await openPatching({ patching: { experiment: byHead }, handlers });
    await run(panel);
    await click(panel, 1, 7);
    await panel.page.locator('.cell-column').nth(2).waitFor();
    await panel.page.locator('.cell-address', { hasText: /^L1H7$/ }).waitFor();
    const [patched] = runs;
    assert.equal(patched?.address, 'L1H7');
    const first = (one: PatchedRun['clean'] | null): readonly string[] => [one?.top[0]?.text ?? '', percent(one?.top[0]?.probability ?? NaN)];
    await inTime(async () => assert.deepEqual(await columns(panel), [['corrupted, before', ...first(patched.corrupted)], ['patched', ...first(patched.patched)], ['clean', ...first(patched.clean)]]));
    await panel.page.locator('.cell-values', { hasText: /^recovered 0\.389 · effect 6\.31 · logit difference −2\.62$/ }).waitFor();
    assert.deepEqual(await axeViolations(panel.page), []);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('the picture of the difference behind each layer can be walked by key, and its numbers are a table too', async () => {
    const { handlers, runs } = listening();
    const panel = await openPatching({ patching: { experiment: byHead }, handlers });
    await run(panel);
    await click(panel, 1, 7);
    await panel.page.locator('.change .map-canvas').waitFor();
    const [patched] = runs;
    assert.ok(patched);
    const { layers, positions, norms } = patched.change;
    assert.deepEqual([layers, positions], [2, 11]);
    const at = layers * positions - 1;
    await panel.page.locator('.change .maps').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'End']) await panel.page.keyboard.press(key);
    const expected = `L1 door @10 · ${significant(norms[at] ?? NaN)} from the corrupted run; the two prompts are ${significant(patched.between?.[at] ?? NaN)} apart there`;
    await panel.page.locator('.change').getByLabel(expected, { exact: true }).waitFor();
    await panel.page.locator('.change-table summary').click();
    await inTime(async () => assert.equal(await panel.page.locator('.change-numbers tbody tr').nth(1).locator('td').nth(10).innerText(), significant(norms[at] ?? NaN)));
    assert.deepEqual(await axeViolations(panel.page), []);
    await panel.close();
  });

  test('by key: Enter opens, arrows go on from cell to cell and the run follows, Escape closes', async () => {
    const { handlers, runs } = listening();
    const panel = await openPatching({ patching: { experiment: byHead }, handlers });
    await run(panel);
    await panel.page.locator('.maps').first().focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'End', 'Enter']) await panel.page.keyboard.press(key);
    await panel.page.locator('.cell-column').nth(2).waitFor();
    await panel.page.locator('.cell-address', { hasText: /^L1H7$/ }).waitFor();
    await panel.page.keyboard.press('ArrowUp');
    await panel.page.waitForFunction(() => document.querySelector('.cell-address')?.textContent === 'L0H7' && !document.querySelector('.cell-old'));
    await inTime(() => assert.deepEqual(runs.map(({ address }) => address), ['L1H7', 'L0H7']));
    await panel.page.keyboard.press('Escape');
    await panel.page.locator('.cell').waitFor({ state: 'hidden' });
    await statusSays(panel, /^L0H7 · /);
    await panel.close();
  });

  test('a cell whose patch changed nothing says so, and its runs are the same', async () => {
    const panel = await openPatching({ patching: { experiment: { ...byHead, sites: ['resid_pre'], by: 'position' } } });
    await run(panel);
    await click(panel, 0, 0, { rows: 2, cols: 11 });
    await panel.page.getByText('The patch changed no element, so both runs are the same.').waitFor();
    await panel.page.locator('.cell-column').nth(1).waitFor();
    const [before, patched] = await columns(panel);
    assert.deepEqual(patched?.slice(1), before?.slice(1));
    await panel.close();
  });

  test('from there: the diff, the head in the attention panel, the address', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await run(panel);
    await click(panel, 1, 1);
    await panel.page.getByRole('button', { name: 'Show diff' }).click();
    await panel.page.getByRole('button', { name: 'Open head' }).click();
    await button(panel, 'Copy the cell’s address').click();
    await statusSays(panel, /^Copied L1H1$/);
    await callsAre(panel, 'openAttention', [{ address: 'L1H1' }]);
    const [diff] = panel.callsOf('showDiff') as readonly { readonly pair: number; readonly address: string }[];
    assert.deepEqual([diff?.pair, diff?.address], [0, 'L1H1']);
    assert.equal(await panel.page.locator('.maps').first().getAttribute('data-vscode-context'), '{"webviewSection":"head","address":"L1H1","preventDefaultContextMenuItems":true}');
    await panel.close();
  });

  test('what the engine refuses of a cell is said in the cell', async () => {
    const panel = await openPatching({ patching: { experiment: byHead }, handlers: () => ({ patchedRun: () => Promise.reject(new Error('out of order')) }) });
    await run(panel);
    await click(panel, 1, 1);
    await panel.page.locator('.cell').getByText('Cogscope met an error of its own: out of order').waitFor();
    await panel.close();
  });
});

suite('several pairs', () => {
  const pairs = [pair, { ...pair, target: ' snow' }, { ...pair, distractor: ' bread' }];

  test('each pair’s metric stands in the cell with mean and spread, and the chosen one is run', async () => {
    const panel = await openPatching({ patching: { experiment: { ...byHead, pairs } } });
    await run(panel);
    await click(panel, 1, 7);
    await panel.page.locator('.cell-column').nth(2).waitFor();
    const rows = panel.page.locator('.pairs-row');
    await inTime(async () => {
      assert.equal(await rows.count(), 3);
      const each = (await rows.locator('.number:nth-child(3)').allInnerTexts()).map((text) => Number(text.replace('−', '-')));
      const mean = each.reduce((sum, one) => sum + one, 0) / 3;
      const told = await panel.page.locator('.pairs > p').innerText();
      assert.ok(Math.abs(Number(/mean (\S+),/.exec(told)?.[1]?.replace('−', '-')) - mean) < 0.02, `${told} against ${each.join()}`);
    });
    await panel.page.locator('.pairs-list').focus();
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.locator('.pairs-row[aria-selected=true]', { hasText: /^2/ }).waitFor();
    await inTime(() => assert.equal(panel.callsOf('patchedRun').length, 2));
    await panel.page.waitForFunction(() => !document.querySelector('.cell-old'));
    assert.deepEqual((panel.callsOf('patchedRun') as readonly { readonly pair: number }[]).map(({ pair: one }) => one), [0, 1]);
    await statusSays(panel, /mean of 3 pairs, spread/);
    await panel.close();
  });

  test('the form shows one pair at a time; more can be added, and one that lacks something is named', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await panel.page.locator('.align-column').first().waitFor();
    await button(panel, 'Add a pair').click();
    await panel.page.getByText('pair 2 of 2').waitFor();
    await holds(area(panel, 'clean'), '');
    await button(panel, 'Previous pair').click();
    await button(panel, 'Run').first().click();
    await panel.page.locator('.pager .field-problem', { hasText: 'Pair 2 lacks a prompt or its target. Fill it in, or remove it.' }).waitFor();
    await button(panel, 'Next pair').click();
    await button(panel, 'Remove this pair').click();
    await panel.page.getByText('1 pair', { exact: true }).waitFor();
    await holds(area(panel, 'clean'), pair.clean);
    await panel.close();
  });
});
