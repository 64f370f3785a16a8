/** Looking at attention: by keyboard, in words, as tint, as table and as files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { engineHandlers } from '../../src/engine/server.ts';
import type { ModelSummary } from '../../src/shared/summary.ts';
import { fixture } from '../engine/fixtures.ts';
import { inTime } from '../lib/inTime.ts';
import { golden, inkColours, openAttention, runPrompt, themeColour, words } from './attentionPanel.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { callsAre, induction, root, saved, statusSays } from './steps.ts';
import type { Saved } from './steps.ts';

after(closeBrowser);

const ids = golden('gpt2', 0).ids;
const length = ids.length;

async function openRun(): Promise<Panel> {
  const panel = await openAttention({ model: 'gpt2-sdpa-20' });
  await runPrompt(panel, ids.join(', '));
  return panel;
}

const weightOf = (line: string): number => Number(line.split(' · ').at(-1)?.replace('−', '-'));
/** Equal as far as three significant digits, or four decimals, can tell. */
const near = (actual: number, expected: number | undefined, where: string): void =>
  assert.ok(Math.abs(actual - (expected ?? NaN)) <= Math.max(Math.abs(expected ?? NaN) * 0.006, 6e-5), `${where}: ${actual} is not ${expected}`);
const press = async (panel: Panel, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await panel.page.keyboard.press(key);
};
const focusIs = (panel: Panel, label: string): Promise<unknown> =>
  panel.page.waitForFunction((expected) => (document.activeElement?.getAttribute('aria-label') ?? '').startsWith(expected), label);

suite('by keyboard', () => {
  test('from the grid into a head and back, the focus returning where it was', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L0H0]').focus();
    await press(panel, 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowUp');
    await focusIs(panel, 'L1H1');
    await press(panel, 'End');
    await focusIs(panel, 'L1H3');
    await press(panel, 'Home', 'ArrowRight', 'Enter');
    await panel.page.waitForFunction(() => document.activeElement?.className === 'matrix-body');
    await focusIs(panel, 'L1H1');
    const first = await statusSays(panel, /^L1H1 · 39 @10 attends to /);
    const pattern = golden('gpt2', 0).pattern(1, 1);
    near(weightOf(first), Math.max(...pattern.slice(10 * length)), 'the cursor begins on the strongest source');
    await press(panel, 'Home', 'ArrowUp', 'ArrowUp', 'ArrowRight', 'ArrowRight');
    const cell = await statusSays(panel, / @8 attends to .* @2 · /);
    near(weightOf(cell), pattern[8 * length + 2], 'row 8, source 2');
    await press(panel, 'End');
    await statusSays(panel, / @10 · .*masked$/);
    await press(panel, ']');
    await statusSays(panel, /^L1H2 · .* @8 attends to .* @10/);
    await press(panel, '[', '[', 'Escape');
    await focusIs(panel, 'L1H0');
    await statusSays(panel, /^L1H0 · /);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a head keeps its picture in sight when zoomed, and 0 brings all of it back', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L0H0]').focus();
    await press(panel, 'Enter', '+', '+', '+');
    await panel.page.locator('.matrix-zoomed').waitFor();
    const inSight = (): Promise<boolean> => panel.page.evaluate(() => {
      const [cell, matrix] = [document.querySelector('.cross-cell')?.getBoundingClientRect(), document.querySelector('.matrix')?.getBoundingClientRect()];
      return cell !== undefined && matrix !== undefined && cell.top >= matrix.top - 1 && cell.bottom <= matrix.bottom + 1 && cell.left >= matrix.left - 1 && cell.right <= matrix.right + 1;
    });
    await inTime(async () => assert.ok(await inSight(), 'after zooming'));
    await press(panel, 'Home', 'PageUp');
    await statusSays(panel, / @0 attends to .* @0 · /);
    await panel.page.waitForFunction(() => document.querySelector('.matrix')?.scrollTop === 0);
    await inTime(async () => assert.ok(await inSight(), 'after moving'));
    await press(panel, '0');
    await panel.page.waitForFunction(() => document.querySelector('.matrix-zoomed') === null);
    await panel.close();
  });

  test('? lists the keys and Escape puts the focus back', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L1H1]').focus();
    await press(panel, '?');
    await panel.page.locator('dialog[open]', { hasText: 'Previous and next head' }).waitFor();
    await press(panel, 'Escape');
    await panel.page.locator('dialog[open]').waitFor({ state: 'detached' });
    await focusIs(panel, 'L1H1');
    await panel.close();
  });

  test('news of the engine take nobody’s focus and paint nothing anew', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L1H2]').focus();
    await panel.page.evaluate(() => document.querySelectorAll('.heads-canvas').forEach((canvas) => canvas.setAttribute('data-marked', '')));
    panel.update({ engine: { kind: 'busy', what: 'running' } });
    panel.update({ engine: { kind: 'ready' }, changed: true });
    await panel.page.locator('.notice-warning').waitFor();
    await focusIs(panel, 'L1H2');
    assert.equal(await panel.page.locator('.heads-canvas[data-marked]').count(), 3);
    await panel.close();
  });

  test('arrows move the chosen token in the strip', async () => {
    const panel = await openRun();
    await panel.page.locator('.prompt .token').last().focus();
    await press(panel, 'ArrowLeft', 'ArrowLeft');
    await panel.page.locator('.predictions-where', { hasText: '@8' }).waitFor();
    await press(panel, 'Home');
    await panel.page.locator('.predictions-where', { hasText: '@0' }).waitFor();
    await panel.page.locator('.prompt .token[aria-selected=true]:focus').waitFor();
    await panel.close();
  });

  test('keys that are typed into a field are text', async () => {
    const panel = await openRun();
    await panel.page.locator('.prompt-area textarea').focus();
    const before = await panel.page.locator('.prompt-area textarea').inputValue();
    await press(panel, 't', '?', '/');
    await panel.heard();
    assert.equal(await panel.page.locator('.prompt-area textarea').inputValue(), `${before}t?/`);
    assert.equal(await panel.page.locator('dialog[open]').count(), 0);
    assert.equal(await panel.page.locator('.table:visible').count(), 0, 'a table came up');
    await panel.close();
  });
});

suite('by pointer', () => {
  test('a cell under the pointer is told, in the grid and in the large view; nothing moves', async () => {
    const panel = await openRun();
    const head = panel.page.locator('[data-address=L2H0]');
    const box = await head.boundingBox();
    assert.ok(box);
    await panel.page.mouse.move(box.x + (box.width * 4.5) / length, box.y + (box.height * 6.5) / length);
    const line = await statusSays(panel, new RegExp(`^L2H0 · ${ids[6]} @6 attends to ${ids[4]} @4 · `));
    near(weightOf(line), golden('gpt2', 0).pattern(2, 0)[6 * length + 4], 'row 6, source 4');
    assert.deepEqual(await head.boundingBox(), box);
    await head.dblclick();
    assert.equal(await panel.page.evaluate(() => window.getSelection()?.toString()), '', 'a double click selects no text');
    const body = await panel.page.locator('.matrix-body').boundingBox();
    assert.ok(body);
    await panel.page.mouse.move(body.x + (body.width * 2.5) / length, body.y + (body.height * 9.5) / length);
    await statusSays(panel, new RegExp(`^L2H0 · ${ids[9]} @9 attends to ${ids[2]} @2 · `));
    await inTime(async () => assert.deepEqual(await panel.page.locator('.axis-now').allInnerTexts(), [`${ids[2]} @2`, `${ids[9]} @9`]));
    await panel.page.mouse.click(body.x + (body.width * 2.5) / length, body.y + (body.height * 9.5) / length);
    await panel.page.mouse.move(5, 5);
    await statusSays(panel, / @9 attends to .* @2 · /);
    await panel.close();
  });

  test('heads carry their address for the native context menu', async () => {
    const panel = await openRun();
    const context = await panel.page.locator('[data-address=L1H2]').getAttribute('data-vscode-context');
    assert.deepEqual(JSON.parse(context ?? ''), { webviewSection: 'head', address: 'L1H2', preventDefaultContextMenuItems: true });
    await panel.close();
  });

  test('an address is copied by button and by Ctrl+C', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L1H2]').click();
    await press(panel, 'Control+c');
    await statusSays(panel, /^Copied L1H2$/);
    await panel.page.locator('vscode-button[aria-label="Copy address"]').click();
    await callsAre(panel, 'copy', [{ text: 'L1H2' }, { text: 'L1H2' }]);
    await panel.close();
  });

  test('reveal opens a head, and says where there is none', async () => {
    const panel = await openRun();
    panel.emit('reveal', { address: 'L2H1' });
    await statusSays(panel, /^L2H1 · .* attends to /);
    panel.emit('reveal', { address: 'L7H0' });
    await panel.page.locator('.notice', { hasText: 'L7H0 is no attention head of this model.' }).waitFor();
    await panel.close();
  });
});

suite('tokens are shaded', () => {
  test('by what the chosen token attends to, and by what attends to it', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await panel.page.locator('.large .strip').first().locator('.token').nth(6).click();
    await statusSays(panel, / @6 attends to /);
    await panel.page.locator('.large-strip-head', { hasText: `${ids[6]} @6 attends to` }).waitFor();
    const pattern = golden('gpt2', 0).pattern(1, 1);
    const titles = (strip: number): Promise<readonly string[]> => panel.page.locator('.large .strip').nth(strip).locator('.token').evaluateAll((all) => all.map((token) => (token as HTMLElement).title));
    const shown = (titlesOf: readonly string[]): readonly number[] => titlesOf.map((title) => Number(title.split(' · ')[0]?.replace('−', '-')));
    await inTime(async () => {
      shown(await titles(0)).forEach((weight, col) => near(weight, pattern[6 * length + col], `to ${col}`));
      shown(await titles(1)).forEach((weight, row) => near(weight, pattern[row * length + 6], `from ${row}`));
    });
    const tinted = (strip: number): Promise<readonly boolean[]> => panel.page.locator('.large .strip').nth(strip).locator('.token').evaluateAll((all) => all.map((token) => (token as HTMLElement).style.backgroundColor !== 'transparent'));
    assert.deepEqual(await tinted(0), Array.from({ length }, (_, at) => at <= 6));
    assert.deepEqual(await tinted(1), Array.from({ length }, (_, at) => at >= 6));
    await panel.close();
  });

  test('the more weight the more tint, up to where the text would get hard to read', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L1H2]').click();
    await panel.page.locator('.prompt-caption', { hasText: `shaded by what ${ids[10]} @10 attends to in L1H2` }).waitFor();
    const background = await themeColour(panel, '--vscode-editor-background');
    const colours = await panel.page.locator('.prompt .token').evaluateAll((all) => all.map((token) => (token as HTMLElement).style.backgroundColor));
    const inks = colours.map((colour) => (colour === 'transparent' ? 0 : (colour.match(/\d+/g) ?? []).reduce((sum, part, index) => sum + Math.abs(Number(part) - (background[index] ?? 0)), 0)));
    const weights = golden('gpt2', 0).pattern(1, 2).slice(10 * length);
    const byWeight = [...weights.keys()].sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0));
    byWeight.forEach((at, rank) => assert.ok(rank === 0 || (inks[at] ?? 0) >= (inks[byWeight[rank - 1] ?? 0] ?? 0) - 3, `${weights.join()}: ${colours.join()}`));
    assert.ok((inks[byWeight.at(-1) ?? 0] ?? 0) > 2 * (inks[byWeight[0] ?? 0] ?? 0));
    await panel.close();
  });
});

suite('as a table', () => {
  test('the same numbers, sorted and filtered; Enter opens the head at the row', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L0H0]').focus();
    await press(panel, 't');
    await panel.page.locator('.table-note', { hasText: '132 rows' }).waitFor();
    await panel.page.locator('.table-sort', { hasText: 'Weight' }).click();
    const weights = (): Promise<readonly number[]> => panel.page.locator('.table-rows .table-row').evaluateAll((rows) => rows.map((row) => Number(row.children[3]?.textContent)));
    await panel.page.waitForFunction(() => document.querySelector('[role=columnheader][aria-sort=descending]') !== null);
    await inTime(async () => {
      const sorted = await weights();
      assert.ok(sorted.length > 10 && sorted.every((weight, at) => at === 0 || weight <= (sorted[at - 1] ?? 0)), sorted.join());
    });
    await panel.page.getByRole('grid', { name: 'Attention weights' }).focus();
    await press(panel, '/');
    await panel.page.keyboard.type('L2H3');
    await panel.page.locator('.table-note', { hasText: '11 of 132 rows' }).waitFor();
    await panel.page.getByRole('grid', { name: 'Attention weights' }).focus();
    await press(panel, 'Home', 'Enter');
    await statusSays(panel, /^L2H3 · .* attends to /);
    await focusIs(panel, 'L2H3');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a double click on a row opens its head', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L0H0]').focus();
    await press(panel, 't');
    await panel.page.locator('.table-rows .table-row', { hasText: 'L0H1' }).first().dblclick();
    await panel.page.locator('.large-address', { hasText: 'L0H1' }).waitFor();
    await panel.close();
  });

  test('/ goes from the picture to the table’s filter', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L0H0]').focus();
    await press(panel, '/');
    await panel.page.waitForFunction(() => document.activeElement?.className === 'table-filter');
    await panel.page.keyboard.type('L1H0');
    await panel.page.locator('.table-note', { hasText: '11 of 132 rows' }).waitFor();
    await panel.close();
  });

  test('an opened head lists every cell that the mask leaves open', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await panel.page.locator('.matrix-body').focus();
    await press(panel, 't');
    await panel.page.locator('.table-note', { hasText: '66 rows' }).waitFor();
    const rows = await panel.page.locator('.table-rows .table-row').evaluateAll((all) => all.map((row) =>
      [row.children[0]?.textContent, ...[...row.querySelectorAll('.table-at')].map((at) => at.textContent), row.lastElementChild?.textContent]));
    assert.ok(rows.length > 10);
    const pattern = golden('gpt2', 0).pattern(1, 1);
    for (const [address, destination, source, weight] of rows) {
      assert.equal(address, 'L1H1');
      near(Number(weight), pattern[Number(destination) * length + Number(source)], `${destination}, ${source}`);
    }
    await panel.close();
  });
});

suite('as files', () => {
  test('the CSV of a head is the engine’s dense tile, cell by cell', async () => {
    const panel = await openRun();
    await panel.page.locator('[data-address=L1H3]').dblclick();
    const { name, content } = await saved(panel, 'CSV');
    assert.equal(name, 'model-L1H3.csv');
    const lines = content.trimEnd().split('\r\n').slice(1).map((line) => line.split(','));
    assert.equal(lines.length, length ** 2);
    const pattern = golden('gpt2', 0).pattern(1, 3);
    for (const [address, row, rowToken, col, colToken, weight] of lines) {
      assert.deepEqual([address, Number(rowToken), Number(colToken)], ['L1H3', ids[Number(row)], ids[Number(col)]]);
      if (Number(col) > Number(row)) assert.equal(weight, '');
      else assert.ok(Math.abs(Number(weight) - (pattern[Number(row) * length + Number(col)] ?? NaN)) < 1e-5, `${row}, ${col}: ${weight}`);
    }
    await panel.close();
  });

  test('the SVG of one head and of all is well-formed and drawn in the theme’s colours', async () => {
    const panel = await openRun();
    const check = async ({ name, content }: Saved, expected: string): Promise<void> => {
      assert.equal(name, expected);
      const parsed = await panel.page.evaluate((text) => {
        const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
        return { name: root.nodeName, paths: root.querySelectorAll('path').length, text: root.textContent };
      }, content);
      assert.equal(parsed.name, 'svg', parsed.text ?? '');
      assert.ok(parsed.paths > 10);
      const strongest = (await inkColours(panel))(1).map((part) => part.toString(16).padStart(2, '0')).join('');
      assert.ok(content.includes(`#${strongest}`), `the colour #${strongest} of weight 1`);
    };
    await check(await saved(panel, 'SVG'), 'model-attention.svg');
    await panel.page.locator('[data-address=L0H0]').dblclick();
    await statusSays(panel, /^L0H0 · .* attends/);
    await check(await saved(panel, 'SVG'), 'model-L0H0.svg');
    await panel.close();
  });
});

suite('the induction example', () => {
  const claims = [...readFileSync(join(root, 'examples/induction/README.md'), 'utf8').matchAll(/^\| (L\dH\d) \| (previous token|induction) \|/gm)];

  test('its heads do what its README says of them', async () => {
    assert.ok(claims.length > 2);
    const panel = await openAttention({ model: induction });
    await runPrompt(panel, words);
    await panel.page.waitForFunction(() => document.querySelectorAll('.heads-row:not(.heads-pending)').length === 2);
    const labels = await panel.page.locator('.head').evaluateAll((heads) => heads.map((head) => head.getAttribute('aria-label') ?? ''));
    for (const label of labels) {
      const claim = claims.find(([, address = '']) => label.startsWith(`${address},`))?.[2];
      const does = ['previous token', 'induction'].find((habit) => label.includes(habit) && Number(label.split(' ').at(-1)) > 0.3);
      assert.equal(does, claim, label);
    }
    await panel.page.locator('.predictions-token').first().filter({ hasText: /^bread$/ }).waitFor();
    await panel.close();
  });
});

suite('what a model has not', () => {
  test('an encoder: no mask, predictions stand at the token and not after it', async () => {
    const panel = await openAttention({ model: 'bert-sdpa-20' });
    await runPrompt(panel, golden('bert', 0).ids.join(', '));
    await panel.page.locator('.predictions-where', { hasText: /^at / }).waitFor();
    await panel.page.locator('.legend-item', { hasText: 'masked' }).waitFor({ state: 'hidden' });
    await panel.page.locator('[data-address=L1H0]').dblclick();
    await statusSays(panel, /^L1H0 · .* attends to .* · 0\.\d/);
    await panel.close();
  });

  test('a model whose attention was refused: the reasons stand there, and predictions still work', async () => {
    const panel = await openAttention({ model: 'gpt2-sdpa-20' });
    await panel.page.locator('[data-address=L0H0]').waitFor();
    const state = { kind: 'open' as const, summary: await withoutAttention() };
    panel.update({ state });
    await panel.page.locator('.attention-refused', { hasText: 'No attention is shown for this model; predictions still work.' }).waitFor();
    await panel.page.locator('.attention-refused', { hasText: 'attention at layer 0 The softmax has no product behind it' }).waitFor();
    await runPrompt(panel, '1, 2, 3');
    await panel.page.waitForFunction(() => document.querySelectorAll('.predictions-row').length === 10);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
});

/** The fixture's summary with its attention refused, as the engine says it of a model that it does not understand. */
async function withoutAttention(): Promise<ModelSummary> {
  const engine = engineHandlers({ threads: 1, weightBudget: 1e9 });
  const summary = await engine.open({ path: fixture('gpt2-sdpa-20').path, tokenizer: null }, { signal: new AbortController().signal, progress: () => undefined });
  return {
    ...summary,
    refused: [{ what: 'attention at layer 0', reason: 'The softmax has no product behind it' }],
    towers: summary.towers.map((tower) => ({ ...tower, blocks: tower.blocks.map((block) => ({ ...block, attention: null })) })),
  };
}
