/** What the panels tell the host of what they show: the code that is copied gets just that. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { panelCommands } from '../../src/host/panels/params.ts';
import { inTime } from '../lib/inTime.ts';
import type { PanelView } from '../../src/shared/python/view.ts';
import { openAttention, runPrompt, words } from './attentionPanel.ts';
import { aligned, openCompared, other } from './comparedPanel.ts';
import { closeBrowser, openPanel } from './harness.ts';
import type { Panel } from './harness.ts';
import { induction, runDone, stories } from './steps.ts';

after(closeBrowser);

const prompt = { kind: 'text', text: words, special: true } as const;

/** Waits until the panel has told this of what it shows; fails with what it told last. */
async function tells(panel: Panel, expected: Partial<PanelView>): Promise<void> {
  const told = (): Partial<PanelView> => {
    const last = panel.callsOf('show').at(-1) as PanelView | undefined;
    return Object.fromEntries(Object.keys(expected).map((key) => [key, last?.[key as keyof PanelView]]));
  };
  await inTime(async () => assert.deepEqual(told(), expected));
}

async function choose(panel: Panel, list: string, text: string): Promise<void> {
  await panel.page.locator(list).click();
  await panel.page.locator(`${list} vscode-option`, { hasText: text }).click();
}

suite('what is shown, as the host is told it', () => {
  test('a head in each of its views, and what it writes', async () => {
    const panel = await openAttention({ model: induction, size: { width: 1100, height: 900 } });
    await runPrompt(panel, words);
    await tells(panel, { prompt, view: { kind: 'pattern' }, writes: null, edited: false });
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await tells(panel, { view: { kind: 'pattern' }, writes: { kind: 'writes', position: -1, source: 0, reads: 'run' } });
    for (const [words, view] of [['scores before', 'scores'], ['value-weighted', 'weighted'], ['rollout', 'rollout']] as const) {
      await choose(panel, '.large-view', words);
      await tells(panel, { view: { kind: view } });
    }
    await choose(panel, '.large-view', 'effect on');
    await panel.page.locator('.large .target-field input').fill('#9');
    await panel.page.keyboard.press('Enter');
    await tells(panel, { view: { kind: 'effect', target: 9 } });
    await panel.page.locator('.matrix-body').press('Home');
    await choose(panel, '.writes-choice', 'embedding');
    await tells(panel, { writes: { kind: 'writes', position: -1, source: 0, reads: 'embedding' } });
    await panel.page.locator('[data-vscode-context*=\'"part":"writes"\'] .writes').waitFor();
    await panel.page.locator('vscode-button', { hasText: 'Python' }).click();
    assert.deepEqual(panel.callsOf('command'), [{ name: 'copyAsPython' }]);
    assert.ok(panelCommands.includes('copyAsPython') && panelCommands.includes('copyLensAsPython'));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('the grid by score, and by what heads write', async () => {
    const panel = await openAttention({ model: induction, size: { width: 1100, height: 900 } });
    await runPrompt(panel, words);
    await choose(panel, '.score-pattern', 'induction');
    await tells(panel, { view: { kind: 'headScores', pattern: { kind: 'induction' }, text: { kind: 'repeated', rows: 10, seed: 0, period: 31, start: [1], end: [], length: 63, pool: [[0, 0], [2, 219]] } } });
    await choose(panel, '.score-pattern', 'norm of what it writes');
    await tells(panel, { view: { kind: 'outputs', position: -1, target: null } });
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('two prompts with their alignment, and each alone', async () => {
    const panel = await openCompared();
    const second = { kind: 'text', text: other, special: true } as const;
    await tells(panel, { prompt, view: { kind: 'difference', second, columns: aligned.map(([a, b]) => [a ?? -1, b ?? -1]) } });
    await panel.page.locator('.compare-choice', { hasText: 'Second' }).click();
    await tells(panel, { prompt: second, view: { kind: 'pattern' } });
    await panel.close();
  });

  test('the prompts of a mean, without those that were left out', async () => {
    const panel = await openAttention({ model: induction, size: { width: 1100, height: 900 } });
    await panel.page.locator('vscode-button[aria-label="Average over a set of prompts"]').click();
    await panel.page.locator('.prompt-set textarea').fill(['cat milk door', 'cat milk', 'snow wolf bread'].join('\n'));
    await panel.page.locator('.prompt-set vscode-button', { hasText: 'Average' }).click();
    await runDone(panel);
    await tells(panel, { view: { kind: 'mean', prompts: ['cat milk door', 'snow wolf bread'].map((text) => ({ kind: 'text', text, special: true })) } });
    await panel.close();
  });

  test('the lens, with its tokens and the chosen positions; what to do stands there before a run', async () => {
    const text = 'Lily and Ben went to the park.';
    const panel = await openPanel('lens', { model: stories, size: { width: 1200, height: 900 }, prompt: { kind: 'text', text, special: true } });
    await panel.page.locator('.lens-before', { hasText: 'Ctrl+Enter' }).waitFor();
    assert.match(await panel.page.locator('.ask-area').getAttribute('placeholder') ?? '', /Ctrl\+Enter runs it/);
    await panel.screenshot('lens-before');
    await panel.page.locator('.ask-token input').nth(0).fill(' Ben');
    await panel.page.locator('.ask-token input').nth(1).fill('#5');
    await panel.page.locator('.lens-before vscode-button').click();
    await runDone(panel);
    const common = { kind: 'lens', mid: false, target: ' Ben', distractor: 5 } as const;
    await tells(panel, { prompt: { kind: 'text', text, special: true }, view: { ...common, positions: [-1] }, writes: null, edited: false });
    await panel.page.locator('.states-body').press('Home');
    await tells(panel, { view: { ...common, positions: [0] } });
    assert.equal(await panel.page.locator('.lens-before').isVisible(), false);
    await panel.page.locator('vscode-button', { hasText: 'Python' }).click();
    assert.deepEqual(panel.callsOf('command'), [{ name: 'copyLensAsPython' }]);
    await panel.screenshot('lens-toolbar');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
});
