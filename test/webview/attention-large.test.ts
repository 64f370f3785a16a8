/** Models of other shapes, told by the host and not run: twelve layers of twelve heads at 512 tokens, two towers, layers without attention. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { RunProgress } from '../../src/shared/protocol/engineApi.ts';
import type { ModelSummary } from '../../src/shared/summary.ts';
import { summaryFixture } from '../unit/attention-summary.ts';
import { inTime } from '../lib/inTime.ts';
import { layersPainted, openAttention, paintedAre, runPrompt } from './attentionPanel.ts';
import { closeBrowser } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { made } from './madePatterns.ts';
import type { Made } from './madePatterns.ts';
import { callsAre, statusSays } from './steps.ts';

after(closeBrowser);

const open = (summary: ModelSummary, handlers: NonNullable<PanelOptions['handlers']>): Promise<Panel> =>
  openAttention({ model: null, host: { state: { kind: 'open', summary } }, handlers, size: { width: 1500, height: 900 } });

/** The share of each of twelve heads' weight that lies in the 16 strongest keys of its rows, of those of at least 0.005. */
function keptShares(weight: (head: number, row: number, col: number) => number): readonly number[] {
  return Array.from({ length: 12 }, (_, head) => {
    const rows = Array.from({ length: 512 }, (_row, row) => Array.from({ length: row + 1 }, (_col, col) => weight(head, row, col)).filter((one) => one >= 0.005).sort((a, b) => b - a).slice(0, 16));
    return rows.flat().reduce((sum, one) => sum + one, 0) / rows.length;
  });
}

suite('144 heads at 512 tokens', () => {
  const layers = Array.from({ length: 12 }, (_, layer): Made => ({ tower: '', layer, heads: 12 }));
  const { handlers, weight } = made(512, layers);

  test('all are drawn from what is sent; an opened head is drawn, told and tinted from the dense rows', async () => {
    const panel = await open(summaryFixture({ layers: 12, heads: 12 }), handlers);
    await runPrompt(panel, '1, 2');
    await paintedAre(panel, layers.map(() => true));
    const cut = await panel.page.locator('.legend-cut').innerText();
    assert.match(cut, /^weights below 0\.005 not drawn, top 16 keys a row: [\d.]+% of the weight, at least [\d.]+% of a head’s$/);
    const [, mean, least] = (/: ([\d.]+)% .* least ([\d.]+)%/.exec(cut) ?? []).map(Number);
    const kept = keptShares(weight);
    assert.ok(Math.abs((mean ?? NaN) - 100 * (kept.reduce((sum, share) => sum + share, 0) / kept.length)) < 0.06, `${cut}, where heads keep ${kept.join(', ')}`);
    assert.ok(Math.abs((least ?? NaN) - 100 * Math.min(...kept)) < 0.06, `${cut}, where heads keep ${kept.join(', ')}`);
    await callsAre(panel, 'patternTile', []);
    await panel.screenshot('attention-grid-512-tokens');
    await panel.page.locator('[data-address=L7H9]').dblclick();
    await panel.page.locator('.large .strip').first().locator('.token').nth(400).click();
    await panel.page.locator('.matrix-body').press('Home');
    const line = await statusSays(panel, /^L7H9 · .* @400 attends to The @0 · \d/);
    const expected = weight(9, 400, 0);
    assert.ok(expected < 0.005, 'a weight that was not sent with the layer');
    assert.equal(Number(line.split(' · ').at(-1)?.replace('−', '-')), Number(expected.toPrecision(3)));
    await callsAre(panel, 'patternTile', [{ run: 1, tower: '', attention: 'self', layer: 7, head: 9, row: 0, rows: 512, col: 0, cols: 512 }]);
    await panel.page.mouse.move(1, 1);
    await panel.screenshot('attention-head-512-tokens');
    await panel.page.locator('.matrix-body').focus();
    await panel.page.keyboard.press('t');
    await panel.page.locator('.table-note', { hasText: '131,328 rows' }).waitFor();
    await panel.page.locator('.table-rows .table-row').first().waitFor();
    assert.ok(await panel.page.locator('.table-rows .table-row').count() < 60, 'only what is seen is in the document');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('before the dense rows have come, a weight that was not sent says so', async () => {
    const panel = await open(summaryFixture({ layers: 12, heads: 12 }), (real) => ({ ...handlers(real), patternTile: () => new Promise(() => undefined) }));
    await runPrompt(panel, '1, 2');
    await panel.page.locator('[data-address=L7H9]').dblclick();
    await panel.page.locator('.matrix-body').press('Home');
    await statusSays(panel, /below 0\.005, or not among the 16 strongest$/);
    await panel.close();
  });
});

test('of 1,024 heads, rows are drawn where they are seen or about to be, and spoken from where the keys lead', async () => {
  const layers = Array.from({ length: 32 }, (_, layer): Made => ({ tower: '', layer, heads: 32 }));
  const { handlers } = made(32, layers);
  const panel = await openAttention({ model: null, host: { state: { kind: 'open', summary: summaryFixture({ layers: 32, heads: 32 }) } }, handlers, size: { width: 1500, height: 400 } });
  await runPrompt(panel, '1, 2');
  await inTime(async () => {
    const painted = await layersPainted(panel);
    assert.deepEqual([painted[0], painted.at(-1)], [true, false], `of the first and the last layer; drawn are ${painted.filter(Boolean).length}`);
  });
  await panel.page.locator('[data-address=L0H31]').focus();
  await panel.page.keyboard.press('PageDown');
  await statusSays(panel, /^L31H31 · /);
  await panel.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('L31H31, '));
  await inTime(async () => assert.equal((await layersPainted(panel)).at(-1), true, 'the last layer, once it is seen'));
  await panel.screenshot('attention-grid-1024-heads');
  assert.deepEqual(panel.problems, []);
  await panel.close();
});

suite('other shapes', () => {
  test('a section for each tower, with addresses of its own', async () => {
    const { handlers } = made(12, ['enc.', 'dec.'].flatMap((tower) => [0, 1].map((layer) => ({ tower, layer, heads: 3 }))));
    const panel = await open(summaryFixture({ towers: ['enc', 'dec'] }), handlers);
    await runPrompt(panel, '1, 2');
    await paintedAre(panel, [true, true, true, true]);
    assert.deepEqual(await panel.page.locator('.towers h3').allInnerTexts(), ['ENCODER', 'DECODER']);
    await panel.page.locator('[data-address="dec.L1H2"]').dblclick();
    await statusSays(panel, /^dec\.L1H2 · /);
    await panel.page.locator('.matrix-body').press('[');
    await statusSays(panel, /^dec\.L1H1 · /);
    await panel.close();
  });

  test('tokens written from the right stand in their order, with the space before them on the left and their position behind them', async () => {
    const words = ['The', ' \u05e9\u05dc\u05d5\u05dd', ' \u05e2\u05d5\u05dc\u05dd', ' 12', ' \u0633\u0644\u0627\u0645', '.'];
    const { handlers } = made(12, [{ tower: '', layer: 0, heads: 2 }], words);
    const panel = await open(summaryFixture({ layers: 1, heads: 2 }), handlers);
    await runPrompt(panel, '1, 2');
    await panel.page.locator('[data-address=L0H1]').dblclick();
    const strip = panel.page.locator('.large .strip').first();
    await strip.locator('.token').nth(8).click();
    await panel.page.locator('.matrix-body').press('End');
    await statusSays(panel, /@8 attends to /);
    await panel.page.locator('.axis-rows .axis-label').first().waitFor();
    await panel.screenshot('attention-from-the-right');
    const lefts = await strip.locator('.token').evaluateAll((tokens) => tokens.slice(0, 6).map((token) => Math.round(token.getBoundingClientRect().left)));
    assert.deepEqual(lefts, [...lefts].sort((a, b) => a - b), 'tokens from left to right');
    const marks = await panel.page.locator('.token, .axis-rows .axis-label').evaluateAll((tokens) => tokens.flatMap((token) => {
      const mark = token.querySelector('.mark');
      return mark ? [mark.getBoundingClientRect().left - token.getBoundingClientRect().left] : [];
    }));
    assert.ok(marks.length > 12 && marks.every((left) => left < 4), `spaces lie ${marks.join(', ')} pixels from the left`);
    const [token, position] = await panel.page.locator('.status-line').evaluate((line) => {
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent ?? '';
        const [word, at] = [text.search(/[\u0590-\u06ff]/), text.indexOf('@8')];
        if (word < 0 || at < 0) continue;
        return [word, at].map((from) => {
          const range = document.createRange();
          range.setStart(node, from);
          range.setEnd(node, from + 1);
          return range.getBoundingClientRect().left;
        });
      }
      return [];
    });
    assert.ok(token !== undefined && position !== undefined && token < position, 'the position stands behind the token');
    await panel.close();
  });

  test('a layer that a check has taken back keeps its place with the reason, and cannot be opened', async () => {
    const { handlers } = made(12, [{ tower: '', layer: 0, heads: 3 }]);
    const refused = [{ what: 'Attention at layer 1', reason: 'pattern x v = z does not hold' }];
    const panel = await open(summaryFixture(), (real) => ({
      ...handlers(real),
      run: async (params, context) => {
        const result = await handlers(real).run?.(params, { ...context, progress: (body) => context.progress((body as RunProgress).kind === 'started' ? { ...(body as object), refused } : body) });
        assert.ok(result);
        return { ...result, refused };
      },
    }));
    await runPrompt(panel, '1, 2');
    await inTime(async () => assert.equal(await panel.page.locator('.heads-row').nth(1).innerText(), 'L1\nNo attention is shown in this layer: pattern x v = z does not hold'));
    panel.emit('reveal', { address: 'L1H0' });
    await panel.page.locator('.notice', { hasText: 'L1H0 is no attention head of this model.' }).waitFor();
    await panel.close();
  });

  test('a layer without attention keeps its place and says so; heads that are unknown until run appear with it', async () => {
    const { handlers } = made(12, [{ tower: '', layer: 1, heads: 5 }]);
    const summary = summaryFixture({ layers: 2, heads: null });
    const [tower] = summary.towers;
    assert.ok(tower);
    const blocks = tower.blocks.map((block) => (block.index === 0 ? { ...block, attention: null } : block));
    const panel = await open({ ...summary, towers: [{ ...tower, blocks }] }, handlers);
    const rows = panel.page.locator('.heads-row');
    await rows.nth(1).waitFor();
    await inTime(async () => assert.deepEqual(await rows.allInnerTexts(), ['L0\nNo attention is shown in this layer', 'L1\nThe number of heads is unknown until run']));
    await runPrompt(panel, '1, 2');
    await inTime(async () => assert.equal(await panel.page.locator('.head').count(), 5));
    await paintedAre(panel, [false, true]);
    await panel.page.locator('.predictions', { hasText: 'no vocabulary output' }).waitFor();
    await panel.close();
  });
});
