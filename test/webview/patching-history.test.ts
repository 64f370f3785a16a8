/** Runs that are kept, and what an experiment expects of its result. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { NOT_RUN } from '../../src/shared/experiment/result.ts';
import type { HistoryEntry } from '../../src/shared/protocol/panelApi.ts';
import { inTime } from '../lib/inTime.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { area, button, byHead, byPosition, openPatching, pair, run, typed } from './patchingPanel.ts';
import { callsAre, holds, runDone } from './steps.ts';

after(closeBrowser);

const entry = (id: string, title: string, complete = true): HistoryEntry => ({ id, at: new Date(2026, 10, 29, 14, 5).getTime(), title, result: 'L1H7 0.39 first of 16', complete });
const entries = [entry('c', 'Activation patching of z by head, denoise'), entry('b', 'Ablation of z by head', false), entry('a', 'Activation patching of resid_pre by position, denoise')];

suite('the history', () => {
  /** A host that keeps three runs and shows the experiment by position whichever is opened. */
  async function open(): Promise<Panel> {
    const panel: Panel = await openPatching({
      patching: { experiment: byHead },
      handlers: () => ({
        history: () => entries,
        openHistory: () => {
          panel.emit('experiment', { experiment: { ...byPosition, pairs: [{ ...pair, target: ' snow' }] }, source: null, outcome: null, run: false });
          return null;
        },
      }),
    });
    await panel.page.locator('.history summary', { hasText: 'History · 3 runs' }).click();
    return panel;
  }

  test('lists what was run, when, what came of it, and what was stopped; a title shows its run again', async () => {
    const panel = await open();
    const rows = panel.page.locator('.history-row');
    await inTime(async () => assert.match(await rows.nth(1).innerText(), /Ablation of z by head[^]*2026-11-29 14:05[^]*L1H7 0\.39 first of 16 · stopped before its end/));
    await rows.nth(2).getByRole('button', { name: entries[2]?.title ?? '' }).first().click();
    await panel.page.waitForFunction(() => document.querySelector<HTMLInputElement>('vscode-dropdown[aria-label=By]')?.value === 'position');
    await callsAre(panel, 'openHistory', [{ id: 'a' }]);
    await callsAre(panel, 'experiment', [], 'showing a run runs nothing');
    await panel.close();
  });

  test('runs one again', async () => {
    const panel = await open();
    await panel.page.locator('.history-again').nth(2).click();
    assert.equal(await runDone(panel), 'done');
    const [call] = panel.callsOf('experiment') as readonly { readonly experiment: { readonly sites: unknown }; readonly resume: boolean }[];
    assert.deepEqual([call?.experiment.sites, call?.resume], [['resid_pre'], false]);
    await panel.close();
  });

  test('compares two that are ticked, the older against the newer; a third takes the place of the first', async () => {
    const panel = await open();
    const boxes = panel.page.locator('.history-row vscode-checkbox');
    const compare = panel.page.locator('.history-top vscode-button');
    await compare.and(panel.page.locator('[disabled]')).waitFor();
    for (const at of [1, 0, 2]) await boxes.nth(at).click();
    await panel.page.waitForFunction(() => [...document.querySelectorAll('.history-row vscode-checkbox')].map((one) => one.getAttribute('aria-checked')).join() === 'true,false,true');
    await compare.click();
    await callsAre(panel, 'compareHistory', [{ a: 'a', b: 'c' }]);
    await panel.close();
  });

  test('is asked for anew when a run has ended', async () => {
    const panel = await openPatching({ patching: { experiment: byHead } });
    await typed(panel);
    await panel.heard();
    const before = panel.callsOf('history').length;
    await run(panel);
    await panel.heard();
    assert.equal(panel.callsOf('history').length, before + 1);
    assert.ok(await panel.page.locator('.history').isHidden(), 'a history of nothing');
    await panel.close();
  });
});

suite('expectations', () => {
  test('are told before the run, and judged after it: passed or failed, with what came instead', async () => {
    const panel = await openPatching({
      patching: { experiment: { ...byHead, expect: [{ kind: 'cell', address: 'L1H7', field: 'recovered', atLeast: 0.2 }, { kind: 'cell', address: 'L0H3', field: 'recovered', atLeast: 0.5 }, { kind: 'top', top: 3, includes: ['L1H7'] }] } },
    });
    const told = panel.page.locator('.expectation');
    await told.nth(2).waitFor();
    await inTime(async () => assert.deepEqual((await told.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')), ['expected: L1H7: recovered at least 0.2', 'expected: L0H3: recovered at least 0.5', 'expected: top 3 includes L1H7']));
    await run(panel);
    await panel.page.locator('.expectation-fail').waitFor();
    await panel.heard();
    const texts = await told.allInnerTexts();
    assert.match(texts[0] ?? '', /^passed:\s*L1H7: recovered 0\.389, expected at least 0\.2$/);
    assert.match(texts[1] ?? '', /^failed:\s*L0H3: recovered expected at least 0\.5, got 1\.79e−4; nearest: /);
    assert.match(texts[2] ?? '', /^passed:\s*top 3: L1H7 0\.389/);
    await panel.close();
  });
});

test('a sweep that was stopped goes on after a reload, from the cells that the host kept', async () => {
  const panel = await openPatching({
    patching: { experiment: byHead },
    handlers: (real) => ({
      // As of a sweep that was stopped.
      ready: async (params, context) => {
        const told = await real.ready(params, context);
        return { ...told, outcome: told.outcome && { ...told.outcome, metrics: told.outcome.metrics.map((metric, index) => (index < 5 ? metric : NaN)), unchanged: told.outcome.unchanged.map((state, index) => (index < 5 ? state : NOT_RUN)) } };
      },
    }),
  });
  await run(panel);
  await panel.reload();
  await panel.page.locator('.toolbar-progress', { hasText: /^stopped at 5 of 16 cells$/ }).waitFor();
  await holds(area(panel, 'clean'), pair.clean);
  await button(panel, 'Go on').click();
  assert.equal(await runDone(panel), 'done');
  assert.deepEqual((panel.callsOf('experiment') as readonly { readonly resume: boolean }[]).map(({ resume }) => resume), [false, true]);
  await panel.page.locator('.toolbar-progress', { hasText: /^16 cells/ }).waitFor();
  await panel.close();
});
