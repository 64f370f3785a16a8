/** Heads by score, with the engine's own scores of the example with induction heads: in the grid, in order, in the table, against drawn patterns. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { HeadScores, HeadScoresParams } from '../../src/shared/protocol/headApi.ts';
import { inTime } from '../lib/inTime.ts';
import { cellColour, openAttention, runPrompt, themeColour, words } from './attentionPanel.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { keepPicture, linesOf } from './savedTable.ts';
import { induction, later, saved, statusSays } from './steps.ts';

after(closeBrowser);

const open = (options: Partial<PanelOptions> = {}): Promise<Panel> => openAttention({ model: induction, size: { width: 1100, height: 900 }, ...options });

async function scoreBy(panel: Panel, value: string): Promise<void> {
  await panel.page.locator('.score-pattern').click();
  await panel.page.locator('.score-pattern vscode-option', { hasText: value }).click();
}

const noteSays = (panel: Panel, expected: RegExp): Promise<void> => panel.page.locator('.score-note', { hasText: expected }).waitFor()
  .catch(async () => assert.fail(`the line says "${await panel.page.locator('.score-note').innerText()}", not ${String(expected)}`));

/** The scores of a kind that the engine gave, by address. */
const scoresOf = ({ layers, protocol }: HeadScores, kind: string): ReadonlyMap<string, number> => {
  const at = protocol.patterns.findIndex(({ name }) => name === kind);
  return new Map(layers.flatMap(({ layer, heads, values }) => Array.from({ length: heads }, (_, head) => [`L${layer}H${head}`, values[at * heads + head] ?? NaN] as const)));
};

suite('scores of heads', () => {
  test('the grid is coloured by a score on repeated random tokens, with the number in each head; another pattern asks nothing', async () => {
    const given: HeadScores[] = [];
    const panel = await open({
      handlers: (real) => ({
        headScores: async (params, context) => {
          given.push(await real.headScores(params, context));
          const [last] = given.slice(-1);
          assert.ok(last);
          return last;
        },
      }),
    });
    await runPrompt(panel, words);
    await scoreBy(panel, 'induction');
    await noteSays(panel, /^induction on repeated random tokens \(\d+ rows of 2 × \d+, seed \d+, distance −?\d+\)$/);
    const result = await inTime(() => given[0] ?? assert.fail('no scores were given'));
    const scores = scoresOf(result, 'induction');
    await inTime(async () => {
      const shown = await panel.page.locator('.head').evaluateAll((cells) => cells.map((cell) => [(cell as HTMLElement).dataset['address'] ?? '', cell.textContent] as const));
      assert.deepEqual(shown, [...scores].map(([address, score]) => [address, score.toFixed(2).replace('-', '−')]));
    });
    const accent = await themeColour(panel, '--vscode-charts-blue');
    const distances = await Promise.all([...scores].sort(([, a], [, b]) => a - b).map(async ([address]) => {
      const colour = await panel.page.locator(`[data-address=${address}]`).evaluate((cell) => getComputedStyle(cell).backgroundColor);
      return Math.hypot(...(colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((part, at) => Number(part) - (accent[at] ?? NaN)));
    }));
    assert.deepEqual(distances, [...distances].sort((a, b) => b - a), 'the higher the score, the nearer to the accent');
    assert.ok((distances[0] ?? 0) - (distances.at(-1) ?? 0) > 50, `from ${distances[0]} to ${distances.at(-1)} away`);
    await scoreBy(panel, 'previous token');
    await noteSays(panel, /^previous token on repeated/);
    await panel.heard();
    assert.equal(panel.callsOf('headScores').length, 1, 'one call brings all patterns with a name');
    await panel.screenshot('attention-scores');
    await scoreBy(panel, 'no score');
    await panel.page.waitForFunction(() => [...document.querySelectorAll('.head')].every((cell) => cell.textContent === '' && (cell as HTMLElement).style.backgroundColor === ''));
    const background = await themeColour(panel, '--vscode-editor-background');
    await inTime(async () => {
      const picture = await cellColour(panel, { layer: 0, head: 0, row: 5, col: 5, length: words.split(' ').length });
      assert.notDeepEqual(picture, background, 'patterns are drawn again');
    });
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('by score: patterns in order, by keyboard too, those below a threshold left out; the table has every pattern', async () => {
    const given: HeadScores[] = [];
    const panel = await open({ handlers: (real) => ({ headScores: async (params, context) => given[given.push(await real.headScores(params, context)) - 1] as HeadScores }) });
    await runPrompt(panel, words);
    await scoreBy(panel, 'induction');
    await panel.page.locator('vscode-checkbox', { hasText: 'By score' }).click();
    await noteSays(panel, /^induction on/);
    const result = await inTime(() => given[0] ?? assert.fail('no scores were given'));
    const order = [...scoresOf(result, 'induction')].sort(([, a], [, b]) => b - a);
    const addresses = (): Promise<readonly (string | undefined)[]> => panel.page.locator('.ranked-head').evaluateAll((heads) => heads.map((head) => (head as HTMLElement).dataset['address']));
    await inTime(async () => assert.deepEqual(await addresses(), order.map(([address]) => address)));
    await panel.page.locator('.ranked-head').first().focus();
    await panel.page.keyboard.press('ArrowRight');
    await statusSays(panel, new RegExp(`^${order[1]?.[0]} · `));
    await panel.screenshot('attention-scores-ranked');
    const least = panel.page.locator('.score-least', { hasText: 'at least' }).locator('input');
    await least.fill('0.3');
    await panel.page.keyboard.press('Enter');
    await least.blur();
    const above = order.filter(([, score]) => score >= 0.3).map(([address]) => address);
    await noteSays(panel, new RegExp(`${above.length} heads? of at least 0.3$`));
    await inTime(async () => assert.deepEqual(await addresses(), above));
    await panel.page.locator('vscode-button[aria-label=Table]').click();
    const kinds = result.protocol.patterns.map(({ name }) => scoresOf(result, name));
    await inTime(async () => {
      const rows = await panel.page.locator('.score-table .table-rows .table-row').evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
      assert.deepEqual(rows, above.map((address) => [address, ...kinds.map((scores) => (scores.get(address) ?? NaN).toFixed(3).replace('-', '−'))]));
    });
    await panel.screenshot('attention-scores-table');
    const { name, content } = await saved(panel, 'CSV');
    assert.equal(name, 'induction-attention.csv');
    const [titles, ...lines] = content.trim().split('\r\n').map((line) => line.split(','));
    assert.deepEqual(titles, ['address', ...result.protocol.patterns.map(({ name }) => name)]);
    assert.deepEqual(new Map(lines.map((line) => [line[0] ?? '', Math.fround(Number(line[3]))])), scoresOf(result, 'induction'), 'scores of induction, as they came');
    const drawn = linesOf((await saved(panel, 'SVG')).content);
    assert.deepEqual(drawn, [['head', 'previous token', 'duplicate token', 'induction ↓', 'current token', 'first token'], ...above.map((address) => [address, ...kinds.map((scores) => (scores.get(address) ?? NaN).toFixed(3).replace('-', '−'))])], 'the drawing is the table');
    keepPicture('attention-scores-table', (await saved(panel, 'PNG')).content);
    assert.deepEqual(await axeViolations(panel.page), []);
    await panel.page.locator('.table-sort', { hasText: 'first token' }).click();
    await panel.page.locator('[aria-sort=descending]', { hasText: 'first token' }).waitFor();
    const { 0: second } = await panel.page.locator('.score-table .table-rows .table-row').nth(1).locator('.mono').allInnerTexts();
    await panel.page.locator('.score-table .table-rows .table-row').nth(1).dblclick();
    await panel.page.locator('.large-address', { hasText: second ?? '' }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('by key one goes on from the same head while scores still come, and when the engine has news', async () => {
    const [gate, given] = [later(), later()];
    const panel = await open({
      handlers: (real) => ({
        headScores: async (params, context) => {
          const scores = await real.headScores(params, context);
          given.settle();
          await gate.promise;
          return scores;
        },
      }),
    });
    await runPrompt(panel, words);
    await scoreBy(panel, 'induction');
    await panel.page.locator('vscode-checkbox', { hasText: 'By score' }).click();
    await given.promise;
    const heads = panel.page.locator('.ranked-head');
    await inTime(async () => assert.equal(await heads.count(), 16));
    await heads.first().focus();
    gate.settle();
    await noteSays(panel, /^induction on repeated random tokens/);
    const addresses = await heads.evaluateAll((all) => all.map((head) => (head as HTMLElement).dataset['address']));
    await panel.page.keyboard.press('ArrowRight');
    await statusSays(panel, new RegExp(`^${addresses[1]} · `));
    panel.update({ engine: { kind: 'busy', what: 'running' } });
    panel.update({ engine: { kind: 'ready' }, changed: true });
    await panel.page.locator('.notice-warning').waitFor();
    await panel.page.keyboard.press('ArrowRight');
    await statusSays(panel, new RegExp(`^${addresses[2]} · `));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a pattern that is drawn scores this prompt; for a prompt of another length it says so and asks nothing', async () => {
    const panel = await open();
    await runPrompt(panel, words);
    await scoreBy(panel, 'a drawn pattern');
    await noteSays(panel, /^Draw a pattern first/);
    await panel.page.locator('.score-bar vscode-button', { hasText: 'Draw' }).click();
    const sheet = panel.page.locator('.draw-sheet');
    // One below the diagonal: the token before.
    for (let row = 1; row < 4; row++) {
      await panel.page.keyboard.press('ArrowDown');
      await panel.page.keyboard.press(' ');
      await panel.page.keyboard.press('ArrowRight');
    }
    await panel.page.locator('.draw-words', { hasText: '@3 attends to' }).waitFor();
    assert.deepEqual(await axeViolations(panel.page), []);
    await panel.screenshot('attention-draw');
    await panel.page.locator('.draw vscode-button', { hasText: 'Score heads by it' }).click();
    await sheet.waitFor({ state: 'hidden' });
    await noteSays(panel, /^the drawn pattern “drawn by hand” on this prompt$/);
    const [call] = await inTime(() => (panel.callsOf('headScores').length > 0 ? panel.callsOf('headScores') : assert.fail('no scores were asked for'))) as readonly HeadScoresParams[];
    const drawn = call?.patterns?.find((pattern) => pattern.kind === 'drawn');
    assert.ok(drawn?.kind === 'drawn');
    const length = drawn.size;
    assert.deepEqual([...drawn.values].flatMap((value, cell) => (value > 0 ? [[Math.floor(cell / length), cell % length]] : [])), [[1, 0], [2, 1], [3, 2]]);
    await runPrompt(panel, `${words} cat`);
    await noteSays(panel, new RegExp(`^The pattern was drawn for ${length} tokens, and this prompt has ${length + 1}: draw it again$`));
    await panel.heard();
    assert.equal(panel.callsOf('headScores').length, 1);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('heads like an opened one: it comes first itself', async () => {
    const panel = await open();
    await runPrompt(panel, words);
    await panel.page.locator('[data-address=L1H5]').dblclick();
    await panel.page.locator('button', { hasText: 'Find heads like this one' }).click();
    await noteSays(panel, /^the drawn pattern “L1H5” on this prompt$/);
    await panel.page.locator('.ranked-head').first().waitFor();
    await panel.close();
  });

  test('a failure is said where scores are asked for, and asked again on request; a prompt of one token is told what it lacks', async () => {
    let times = 0;
    const panel = await open({
      handlers: (real) => ({
        headScores: (params, context) => {
          times++;
          if (times === 1) throw new CogscopeError('engine-died', 'The engine ended while it scored heads', 'Try again');
          return real.headScores(params, context);
        },
      }),
    });
    await runPrompt(panel, 'cat');
    await scoreBy(panel, 'induction');
    await noteSays(panel, /^The engine ended while it scored heads/);
    await panel.page.locator('.score-bar vscode-button', { hasText: 'Try again' }).click();
    await noteSays(panel, /^induction on repeated random tokens/);
    await panel.page.locator('.score-text').click();
    await panel.page.locator('.score-text vscode-option', { hasText: 'this prompt' }).click();
    await noteSays(panel, /^induction on this prompt/);
    await inTime(async () => assert.deepEqual(await panel.page.locator('.head').evaluateAll((cells) => [...new Set(cells.map((cell) => cell.textContent))]), ['–'], 'nothing to measure in one token'));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  for (const theme of THEMES) {
    test(`every control can be used in ${theme}`, async () => {
      const panel = await open({ theme, size: { width: 420, height: 900 } });
      await runPrompt(panel, words);
      await scoreBy(panel, 'induction');
      await noteSays(panel, /^induction on/);
      assert.deepEqual(await axeViolations(panel.page), []);
      await panel.screenshot(`attention-scores-${theme.toLowerCase().replaceAll(' ', '-')}`);
      await panel.close();
    });
  }
});
