/** What heads write: norms and effects in the grid, and an opened head by its effect on a logit, held to the engine's own answers. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { AllHeadOutputs, AttentionTile, HeadOutputs, HeadOutputsParams } from '../../src/shared/protocol/attentionApi.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import { fixed, significant } from '../../src/shared/format.ts';
import { inTime } from '../lib/inTime.ts';
import { openAttention, runPrompt, words } from './attentionPanel.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { keepPicture, linesOf } from './savedTable.ts';
import { induction, saved as savedAs, statusSays } from './steps.ts';

after(closeBrowser);

interface Opened {
  readonly panel: Panel;
  readonly answers: readonly AllHeadOutputs[];
  readonly tiles: readonly AttentionTile[];
  /** What the panel saves next. */
  saved(format: string): Promise<string>;
}

async function open(options: Partial<PanelOptions> = {}): Promise<Opened> {
  const [answers, tiles]: [AllHeadOutputs[], AttentionTile[]] = [[], []];
  const panel = await openAttention({
    model: induction, size: { width: 1100, height: 900 }, ...options,
    handlers: (real) => ({
      headOutputs: async (params, context) => answers[answers.push(await real.headOutputs(params, context)) - 1] as AllHeadOutputs,
      attentionTile: async (params, context) => tiles[tiles.push(await real.attentionTile(params, context)) - 1] as AttentionTile,
      ...options.handlers?.(real),
    }),
  });
  await runPrompt(panel, words);
  return {
    panel, answers, tiles,
    saved: async (format) => (await savedAs(panel, format)).content,
  };
}

async function choose(panel: Panel, list: string, text: string): Promise<void> {
  await panel.page.locator(list).click();
  await panel.page.locator(`${list} vscode-option`, { hasText: text }).click();
}

const noteSays = (panel: Panel, expected: RegExp): Promise<void> => panel.page.locator('.score-note', { hasText: expected }).waitFor()
  .catch(async () => assert.fail(`the line says "${await panel.page.locator('.score-note').innerText()}", not ${String(expected)}`));

/** What the engine gave of every head at a position, as the grid writes it: three digits of the largest. */
function expected({ layers }: AllHeadOutputs, values: (layer: HeadOutputs) => Float32Array | null, position: number): readonly (readonly [string, string])[] {
  const all = layers.flatMap((layer) => Array.from({ length: layer.heads }, (_, head) => [`L${layer.layer}H${head}`, values(layer)?.[head * layer.rows + position] ?? NaN] as const));
  const decimals = 2 - Math.floor(Math.log10(Math.max(...all.map(([, value]) => Math.abs(value)))));
  return all.map(([address, value]) => [address, fixed(value, decimals)]);
}

const gridShows = (panel: Panel, numbers: readonly (readonly [string, string])[]): Promise<void> => inTime(async () =>
  assert.deepEqual(await panel.page.locator('.head').evaluateAll((cells) => cells.map((cell) => [(cell as HTMLElement).dataset['address'] ?? '', cell.textContent] as const)), numbers));

suite('what heads write', () => {
  test('the grid by norm at the chosen token, with the number in each head; another token asks nothing', async () => {
    const { panel, answers, saved } = await open();
    await choose(panel, '.score-pattern', 'norm of what it writes');
    await noteSays(panel, /^norm of what each head writes at wolf @13 · biases left out$/);
    const [answer] = answers;
    assert.ok(answer);
    await gridShows(panel, expected(answer, ({ norms }) => norms, 13));
    await panel.page.locator('.prompt .token').nth(4).click();
    await noteSays(panel, /@4 ·/);
    await gridShows(panel, expected(answer, ({ norms }) => norms, 4));
    assert.equal(panel.callsOf('headOutputs').length, 1);
    const [title, ...lines] = (await saved('CSV')).trim().split('\r\n').map((line) => line.split(','));
    assert.deepEqual(title, ['address', 'position', 'token', 'norm']);
    assert.deepEqual(lines.map((line) => Math.fround(Number(line[3]))), answer.layers.flatMap(({ norms, heads, rows }) => Array.from({ length: heads }, (_, head) => norms[head * rows + 4])));
    assert.match(await saved('SVG'), /norm of what each head writes at .*scale from 0 to/);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a token that is being typed stays while the engine has news, and is taken up on Enter', async () => {
    const { panel, tiles } = await open();
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await choose(panel, '.large-view', 'effect on');
    await inTime(() => assert.ok(tiles.length > 0, 'the effects on what the run predicts'));
    const field = panel.page.locator('.large .target-field input');
    await field.fill('#9');
    panel.update({});
    await panel.heard();
    assert.equal(await field.inputValue(), '#9');
    await field.press('Enter');
    await inTime(() => assert.equal((panel.callsOf('attentionTile').at(-1) as { readonly target?: unknown }).target, 9));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('the grid by effect on what the run predicts, then on a typed token; one that is none is said and mended', async () => {
    const { panel, answers, saved } = await open();
    await choose(panel, '.score-pattern', 'adds to a token');
    await noteSays(panel, /^what each head adds to the logit of \S+ at wolf @13/);
    const [answer] = answers;
    assert.ok(answer);
    await inTime(async () => {
      const [first] = await panel.page.locator('.predictions-list li').allInnerTexts();
      assert.ok(first?.includes(await panel.page.locator('.target-field').first().getAttribute('placeholder') ?? '?'), `${first ?? ''} is what the effects are of`);
    });
    await gridShows(panel, expected(answer, ({ effects }) => effects, 13));
    await panel.page.locator('[data-address=L1H1]').focus();
    await statusSays(panel, /^L1H1 · adds to the logit of \S+ at wolf @13 · [−\d.e]+$/);
    await panel.screenshot('attention-written');
    const field = panel.page.locator('.score-bar .target-field input');
    await field.fill(' not one token');
    await field.press('Enter');
    await noteSays(panel, /is \d+ tokens|not a token|unknown/i);
    await panel.heard();
    assert.equal(panel.callsOf('run').length, 1, 'a token that is none runs nothing again');
    await field.fill('7');
    await field.press('Enter');
    await noteSays(panel, /^what each head adds to the logit of 7 at wolf @13/);
    const ids = panel.page.locator('.prompt vscode-checkbox', { hasText: 'Token ids' });
    await ids.click();
    await noteSays(panel, /^what each head adds to the logit of (?!7 )\S+ at wolf @13/);
    assert.equal((panel.callsOf('headOutputs').at(-1) as HeadOutputsParams).target, 7, 'where the prompt is given as ids, so is the token');
    await ids.click();
    await noteSays(panel, /^what each head adds to the logit of 7 at wolf @13/);
    await field.fill('#7');
    await field.press('Enter');
    await noteSays(panel, /^what each head adds to the logit of (?!7 )\S+ at wolf @13/);
    assert.equal((panel.callsOf('headOutputs').at(-1) as HeadOutputsParams).target, 7);
    const last = answers.at(-1);
    assert.ok(last && last !== answer);
    await gridShows(panel, expected(last, ({ effects }) => effects, 13));
    const [title, ...lines] = (await saved('CSV')).trim().split('\r\n').map((line) => line.split(','));
    assert.deepEqual(title, ['address', 'position', 'token', 'norm', 'target', 'effect']);
    assert.deepEqual(lines.map((line) => Math.fround(Number(line[5]))), last.layers.flatMap(({ effects, heads, rows }) => Array.from({ length: heads }, (_, head) => effects?.[head * rows + 13])));
    await panel.page.locator('vscode-checkbox', { hasText: 'By score' }).click();
    await panel.page.locator('.ranked-head').first().waitFor();
    const sizes = new Map(last.layers.flatMap(({ layer, effects, heads, rows }) => Array.from({ length: heads }, (_, head) => [`L${layer}H${head}`, Math.abs(effects?.[head * rows + 13] ?? NaN)] as const)));
    const ranked = [...sizes].sort(([, a], [, b]) => b - a).map(([address]) => address);
    await inTime(async () => assert.deepEqual(await panel.page.locator('.ranked-head').evaluateAll((heads) => heads.map((head) => (head as HTMLElement).dataset['address'])), ranked, 'ranked by size, whatever the sign'));
    await panel.page.locator('vscode-button[aria-label=Table]').click();
    const rows = panel.page.locator('.written-table .table-rows .table-row');
    await rows.first().waitFor();
    await inTime(async () => assert.deepEqual((await rows.evaluateAll((all) => all.map((row) => row.firstElementChild?.textContent))).slice(0, 5), ranked.slice(0, 5), 'the table has the same order'));
    const strongest = last.layers.flatMap(({ layer, effects, norms, heads, rows: length }) => Array.from({ length: heads }, (_, head) => [`L${layer}H${head}`, significant(effects?.[head * length + 13] ?? NaN), significant(norms[head * length + 13] ?? NaN)])).find(([address]) => address === ranked[0]);
    assert.deepEqual(await rows.first().locator('.table-cell').allInnerTexts(), strongest);
    const drawn = await saved('SVG');
    assert.deepEqual(linesOf(drawn).map(([address]) => address), ['head', ...ranked], 'the drawing is the table');
    assert.deepEqual(linesOf(drawn)[1], strongest);
    assert.match(await saved('HTML'), /^<!DOCTYPE html>[\s\S]*<text [^>]*>L1H1<\/text>/);
    keepPicture('attention-written-table', await saved('PNG'));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('an opened head by effect: each source’s, their sum and what is left of what the head writes', async () => {
    const { panel, tiles, saved } = await open();
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await choose(panel, '.large-view', 'effect on a token');
    await panel.page.locator('.matrix-body').press('Home');
    const line = await statusSays(panel, /^L1H1 · .*@13 attends to .*@0 · adds to the logit [−\d.e]+$/);
    const [tile] = tiles;
    assert.ok(tile?.written);
    assert.equal(line.split(' ').at(-1), significant(tile.values[13 * tile.cols] ?? NaN));
    const sum = tile.values.subarray(13 * tile.cols, 14 * tile.cols).reduce((made, value) => made + value, 0);
    const [, left = '', , whole = ''] = await inTime(async () => /sources add ([−\d.]+) to the logit of \S+ \+ remainder (\S+) = ([−\d.]+), what the head writes/.exec(await panel.page.locator('.large-matrix').innerText()) ?? assert.fail('no sum of the sources is told'));
    assert.deepEqual([left, whole].map((text) => Number(text.replace('−', '-')).toFixed(4)), [sum.toFixed(4), (tile.written[13] ?? NaN).toFixed(4)]);
    assert.ok(Math.abs(sum - (tile.written[13] ?? NaN)) < 1e-4, 'nothing but rounding is left');
    await panel.screenshot('attention-effect');
    const [title, ...cells] = (await saved('CSV')).trim().split('\r\n').map((one) => one.split(','));
    assert.equal(title?.at(-1), 'effect');
    const length = tile.cols;
    cells.forEach((cell, at) => {
      const isAhead = at % length > Math.floor(at / length);
      assert.ok(isAhead ? cell.at(-1) === '' : Math.fround(Number(cell.at(-1))) === tile.values[at], `cell ${at}: ${cell.at(-1) ?? ''}`);
    });
    assert.match(await saved('SVG'), /L1H1, effect on the logit of .* · scale from −/);
    await panel.reload();
    await panel.page.locator('.large-view').waitFor();
    await statusSays(panel, /adds to the logit/);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('what cannot be told is said', async () => {
    const { panel } = await open({ handlers: () => ({ headOutputs: () => { throw new CogscopeError('refused', 'Each layer’s norm stands behind its sum', 'Look at patterns'); } }) });
    await choose(panel, '.score-pattern', 'norm of what it writes');
    await noteSays(panel, /norm stands behind its sum/);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  for (const theme of THEMES) {
    test(`every control can be used in ${theme}`, async () => {
      const { panel } = await open({ theme, size: { width: 420, height: 900 } });
      await choose(panel, '.score-pattern', 'adds to a token');
      await noteSays(panel, /^what each head adds/);
      assert.deepEqual(await axeViolations(panel.page), []);
      const name = theme.toLowerCase().replaceAll(' ', '-');
      await panel.screenshot(`attention-written-${name}`, { fullPage: true });
      await panel.page.locator('[data-address=L1H1]').dblclick();
      await choose(panel, '.large-view', 'effect on a token');
      await statusSays(panel, /adds to the logit/);
      assert.deepEqual(await axeViolations(panel.page), []);
      await panel.screenshot(`attention-effect-${name}`, { fullPage: true });
      await panel.close();
    });
  }
});
