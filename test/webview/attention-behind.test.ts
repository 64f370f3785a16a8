/** What lies behind an opened head's pattern: scores, what is moved, rollout, lines, and the tokens that it writes; held to the engine's own answers. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { AttentionTileParams, HeadWrites, HeadWritesParams } from '../../src/shared/protocol/attentionApi.ts';
import type { PatternTile } from '../../src/shared/protocol/engineApi.ts';
import { fixed } from '../../src/shared/format.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import { inTime } from '../lib/inTime.ts';
import { openAttention, runPrompt, words } from './attentionPanel.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { keepPicture, linesOf } from './savedTable.ts';
import type { Saved } from './steps.ts';
import { induction, saved, statusSays } from './steps.ts';

after(closeBrowser);

async function openHead(options: Partial<PanelOptions> = {}): Promise<Panel> {
  const panel = await openAttention({ model: induction, size: { width: 1100, height: 900 }, ...options });
  await runPrompt(panel, words);
  await panel.page.locator('[data-address=L1H1]').dblclick();
  return panel;
}

async function drawAs(panel: Panel, view: string): Promise<void> {
  await panel.page.locator('.large-view').click();
  await panel.page.locator('.large-view vscode-option', { hasText: view }).click();
}

const number = (text: string): number => Number((text.split(' ').at(-1) ?? '').replaceAll('−', '-'));

suite('behind a pattern', () => {
  test('scores, what is moved and rollout are drawn and told as the engine gives them, and saved under their names', async () => {
    const tiles = new Map<string, PatternTile>();
    const panel = await openHead({
      handlers: (real) => ({
        attentionTile: async (params: AttentionTileParams, context) => {
          const tile = await real.attentionTile(params, context);
          tiles.set(params.view, tile);
          return tile;
        },
      }),
    });
    for (const [view, name, label] of [['scores', 'scores before', 'score before the softmax'], ['weighted', 'value-weighted', 'norm of what is moved'], ['rollout', 'rollout', 'rollout, all heads']] as const) {
      await drawAs(panel, name);
      await panel.page.locator('.matrix-body').press('Home');
      const line = await statusSays(panel, new RegExp(`@13 attends to .*@0 · ${label} [−\\d.e]+$`));
      const tile = tiles.get(view);
      assert.ok(tile);
      const value = tile.values[13 * tile.cols] ?? NaN;
      assert.ok(Math.abs(number(line) - value) <= Math.abs(value) * 0.006, `${line}, where the engine says ${value}`);
      await panel.page.locator('.matrix-canvas').waitFor();
      await panel.screenshot(`attention-${view}`);
    }
    await drawAs(panel, 'scores before');
    await statusSays(panel, /score before/);
    await panel.page.locator('.matrix-body').press('End');
    const { content } = await saved(panel, 'CSV');
    const [titles, ...lines] = content.trim().split('\r\n').map((one) => one.split(','));
    assert.equal(titles?.at(-1), 'scores');
    const scores = tiles.get('scores');
    assert.deepEqual(lines.map((one) => (one.at(-1) === '' ? -Infinity : Math.fround(Number(one.at(-1))))), [...scores?.values ?? []]);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('lines: one for each weight of at least 0.02, the chosen token’s on top; a token is chosen by its button; what is saved are the lines', async () => {
    const panel = await openHead();
    await drawAs(panel, 'lines');
    // A line from a token to itself is horizontal: it has no box, and counts as hidden.
    await panel.page.locator('.lines-line').first().waitFor({ state: 'attached' });
    const expected = await panel.page.locator('.lines-line').count();
    assert.ok(expected > 13, `${expected} lines`);
    await panel.page.locator('.lines-tokens').first().locator('button').nth(8).click();
    await statusSays(panel, /@8 attends to/);
    await inTime(async () => assert.equal(await panel.page.locator('.lines-line').last().getAttribute('class'), 'lines-line lines-mine'));
    assert.deepEqual(await axeViolations(panel.page), []);
    const drawn = await panel.page.locator('.lines-line').evaluateAll((lines) => lines.map((line) => Number(line.getAttribute('stroke-opacity')).toFixed(3)));
    const { content: svg } = await saved(panel, 'SVG');
    assert.deepEqual([...svg.matchAll(/<line [^>]*stroke-opacity="([\d.]+)"/g)].map(([, opacity]) => opacity), drawn, 'the drawing has the lines that are seen, in their order');
    assert.match(svg, /L1H1, left attends to right · weights from 0.02 on/);
    const { content: csv } = await saved(panel, 'CSV');
    await drawAs(panel, 'attention weights');
    await panel.page.locator('.matrix-canvas').waitFor();
    const [title, ...cells] = (await saved(panel, 'CSV')).content.trim().split('\r\n');
    assert.deepEqual(csv.trim().split('\r\n'), [title, ...cells.filter((cell) => Number(cell.split(',').at(-1)) >= 0.02)], 'the table has the cells that have a line');
    assert.equal(csv.trim().split('\r\n').length - 1, drawn.length);
    await drawAs(panel, 'lines');
    await panel.page.locator('.lines-line').first().waitFor({ state: 'attached' });
    await panel.screenshot('attention-lines');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('the tokens that a head writes at the chosen token, and why there are none', async () => {
    const answers: HeadWrites[] = [];
    const panel = await openHead({ handlers: (real) => ({ headWrites: async (params, context) => answers[answers.push(await real.headWrites(params, context)) - 1] as HeadWrites }) });
    await panel.page.locator('.writes').waitFor();
    const shown = await panel.page.locator('.writes ol').first().locator('li').evaluateAll((items) => items.map((item) => [...item.children].map((part) => part.textContent)));
    assert.deepEqual(shown.map(([token]) => token), answers.at(-1)?.top.map(({ text }) => text.replace(/^ /, '·')));
    await panel.page.locator('.matrix-body').press('Home');
    for (const [choice, reads] of [['as it is here', 'state'], ['embedding', 'embedding']] as const) {
      await panel.page.locator('.writes-choice').click();
      await panel.page.locator('.writes-choice vscode-option', { hasText: choice }).click();
      await panel.page.locator('.large-strip-head', { hasText: /would write at .*@13 of .*@0 alone/i }).waitFor();
      await panel.page.locator('.large-beside', { hasText: reads === 'state' ? 'its state as it is' : 'OV circuit' }).waitFor();
      assert.deepEqual((panel.callsOf('headWrites').at(-1) as HeadWritesParams).source, { position: 0, reads });
      const effects = await panel.page.locator('.writes ol').first().locator('.number').allInnerTexts();
      assert.deepEqual(effects, answers.at(-1)?.top.map(({ effect }) => fixed(effect, 2)), reads);
      await panel.screenshot(`attention-writes-${reads}`);
    }
    const last = answers.at(-1);
    assert.ok(last);
    const effects = [...last.top, ...[...last.bottom].reverse()];
    const of = (format: string): Promise<Saved> => saved(panel, format, '.writes-save button');
    const csv = await of('CSV');
    assert.equal(csv.name, 'induction-L1H1-writes.csv');
    const [titles, ...lines] = csv.content.trim().split('\r\n').map((line) => line.split(','));
    assert.deepEqual(titles, ['address', 'position', 'reads', 'source', 'id', 'token', 'logit']);
    assert.deepEqual(lines.map((line) => [...line.slice(0, 5), Math.fround(Number(line[6]))]), effects.map(({ id, effect }) => ['L1H1', '13', 'embedding', '0', String(id), Math.fround(effect)]));
    const { content: svg } = await of('SVG');
    assert.match(svg, /What L1H1 would write at .*@13 of the embedding of .*@0 alone/);
    assert.deepEqual(linesOf(svg).map((line) => line.at(-1)), ['logit', ...effects.map(({ effect }) => fixed(effect, 3))]);
    assert.match((await of('HTML')).content, /^<!DOCTYPE html>/);
    keepPicture('attention-writes', (await of('PNG')).content);
    assert.deepEqual(panel.problems, []);
    await panel.close();
    const without = await openHead({ handlers: () => ({ headWrites: () => { throw new CogscopeError('refused', 'This model has no logits', 'Look at its pattern'); } }) });
    await without.page.locator('.large-beside', { hasText: 'This model has no logits' }).waitFor();
    await without.close();
  });

  for (const theme of THEMES) {
    test(`every control can be used in ${theme}`, async () => {
      const panel = await openHead({ theme, size: { width: 420, height: 900 } });
      await drawAs(panel, 'scores before');
      await statusSays(panel, /score before the softmax/);
      await panel.page.locator('.writes').waitFor();
      assert.deepEqual(await axeViolations(panel.page), []);
      await panel.screenshot(`attention-behind-${theme.toLowerCase().replaceAll(' ', '-')}`, { fullPage: true });
      await panel.close();
    });
  }
});
