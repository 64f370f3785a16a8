/** Two prompts in the attention panel: aligned tokens, the difference of their patterns in the grid and large, and the way back; held to two untouched runs. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { openAttention, runPrompt, words } from './attentionPanel.ts';
import { aligned, at, compareAnew, compared, compareWith, number, openCompared, other, patternOf, show } from './comparedPanel.ts';
import { closeBrowser, THEMES } from './harness.ts';
import { lookAt } from './looks.ts';
import { holds, induction, runDone, saved, statusSays, stories } from './steps.ts';

after(closeBrowser);

suite('two prompts', () => {
  test('tokens stand aligned with what was changed, left out and put in; every cell of the difference is that of two runs of their own', async () => {
    const panel = await openCompared();
    await panel.page.locator('.compare-column').first().waitFor();
    const columns = await panel.page.locator('.compare-column').evaluateAll((found) => found.map((one) => [(one.getAttribute('class') ?? '').replace('compare-column compare-', ''), ...[...one.children].slice(0, 2).map((part) => part.textContent.trim())]));
    assert.deepEqual(columns.slice(8).map(([kind]) => kind), ['changed', 'same', 'same', 'only-a', 'same', 'same', 'only-b']);
    assert.deepEqual([columns[8], columns[11], columns[14]].map((column) => column?.slice(1).map((text) => text.replace('·', ''))), [['cat', 'dog'], ['piano', ''], ['', 'rain']]);
    await panel.page.locator('.compare', { hasText: '12 tokens alike · 1 changed · 1 only in the first · 1 only in the second' }).waitFor();
    await panel.page.locator('.legend', { hasText: 'second prompt − first' }).waitFor();
    await panel.page.locator('.legend', { hasText: 'in one prompt only' }).waitFor();
    await panel.screenshot('attention-compare-grid');
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await panel.page.locator('.matrix-canvas').waitFor();
    const { content } = await saved(panel, 'CSV');
    const [titles, ...lines] = content.trim().split('\r\n').map((line) => line.split(','));
    assert.equal(titles?.at(-1), 'second_minus_first');
    assert.equal(lines.length, aligned.length ** 2);
    const [first, second] = [await patternOf(words), await patternOf(other)];
    for (const line of lines) {
      const [row, col] = [aligned[Number(line[1])], aligned[Number(line[3])]];
      assert.ok(row && col, `a place beyond both prompts: ${line.join()}`);
      const isMissing = [...row, ...col].includes(null) || Number(line[3]) > Number(line[1]);
      if (isMissing) assert.equal(line.at(-1), '', `${line.join()}: there is nothing to subtract`);
      else assert.ok(Math.abs(Number(line.at(-1)) - (at(second, row[1] ?? 0, col[1] ?? 0) - at(first, row[0] ?? 0, col[0] ?? 0))) < 1e-6, line.join());
    }
    await panel.page.keyboard.press('t');
    await panel.page.locator('.table-sort', { hasText: 'Second − first' }).waitFor();
    await panel.page.locator('.table-note', { hasText: `${lines.filter((line) => line.at(-1) !== '').length} rows` }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a cell tells the tokens of both and both weights, or in which prompt alone it is; the cursor keeps its token from picture to picture', async () => {
    const panel = await openCompared();
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await panel.page.locator('.compare-column').nth(12).click();
    await panel.page.locator('.matrix-body').press('Home');
    const [first, second] = [await patternOf(words), await patternOf(other)];
    const line = await statusSays(panel, /snow @12 ⇒ @11 attends to .*@0 · second − first .* \(.* − .*\)$/);
    const [, difference, own, before] = /second − first (\S+) \((\S+) − (\S+)\)$/.exec(line) ?? [];
    const expected = [at(second, 11, 0) - at(first, 12, 0), at(second, 11, 0), at(first, 12, 0)];
    [difference, own, before].forEach((told, index) => assert.ok(Math.abs(number(told ?? '') - (expected[index] ?? NaN)) <= Math.abs(expected[index] ?? NaN) * 0.006 + 1e-9, `${line}, where two runs say ${expected.join()}`));
    await show(panel, 'Second');
    await statusSays(panel, /snow @11 attends to .*@0/);
    await show(panel, 'First');
    await statusSays(panel, /snow @12 attends to .*@0/);
    await show(panel, 'Difference');
    await panel.page.locator('.compare-column').nth(8).click();
    await statusSays(panel, /cat ⇒ .*dog @8 attends to/);
    await panel.page.locator('.compare-column').nth(11).click();
    await statusSays(panel, /piano @11 of the first prompt attends to .* · in the first prompt only: /);
    await panel.screenshot('attention-compare-head');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('of more tokens than are sent whole, an opened head is that of two runs in every cell', async () => {
    const story = `${'Once upon a time there was a little girl and she had a big dog. '.repeat(6)}The end.`;
    const changed = story.replace('big', 'red');
    const panel = await openAttention({ model: stories });
    await runPrompt(panel, story);
    await compareWith(panel, changed);
    await panel.page.locator('[data-address=L0H5]').dblclick();
    const { content } = await saved(panel, 'CSV');
    const [first, second] = [await patternOf(story, stories, [0, 5]), await patternOf(changed, stories, [0, 5])];
    assert.ok(first.rows > 64 && first.rows === second.rows, `${first.rows} and ${second.rows} tokens`);
    const values = content.trim().split('\r\n').slice(1).map((line) => Number(line.split(',').at(-1)));
    assert.equal(values.length, first.rows ** 2);
    values.forEach((value, cell) => assert.ok(Math.abs(value - ((second.values[cell] ?? NaN) - (first.values[cell] ?? NaN))) < 1e-6, `cell ${cell}: ${value}`));
    assert.ok(values.some((value) => Math.abs(value) > 0.01), 'nothing differs');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('prompts that share nothing, of one token, and of the same words; a bad one is refused in a sentence', async () => {
    const panel = await openCompared('wine');
    await panel.page.locator('.legend', { hasText: 'second prompt − first' }).waitFor();
    await compareAnew(panel, words);
    await panel.page.locator('.compare', { hasText: '14 tokens alike · 0 changed · 0 only in the first · 0 only in the second' }).waitFor();
    await panel.page.locator('[data-address=L1H1]').dblclick();
    await statusSays(panel, /second − first 0 /);
    await compareAnew(panel, 'rain '.repeat(40));
    await panel.page.locator('.compare', { hasText: '1 token alike' }).waitFor();
    await panel.page.locator('.compare textarea').fill('rain '.repeat(100));
    await panel.page.locator('.compare vscode-button', { hasText: 'Compare' }).click();
    await panel.page.locator('.compare-problem', { hasText: '64' }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('Escape leaves; what is compared and shown is there again after a reload', async () => {
    const panel = await openCompared();
    await show(panel, 'Second');
    const state = await panel.keptState();
    const again = await openAttention({ model: induction, size: { width: 1100, height: 1000 }, state });
    await runDone(again);
    await compared(again);
    await again.page.locator('.compare-choice[aria-pressed=true]', { hasText: 'Second' }).waitFor();
    await again.page.locator('.compare textarea').press('Escape');
    await again.page.locator('.compare').waitFor({ state: 'hidden' });
    await again.page.waitForFunction(() => document.querySelectorAll('.prompt .token').length === 14);
    assert.deepEqual([...panel.problems, ...again.problems], []);
    await panel.close();
    await again.close();
  });

  test('c brings up the second prompt and takes it away; the focus goes there and back, and the list of keys tells it', async () => {
    const panel = await openAttention({ model: induction, size: { width: 1100, height: 1000 } });
    await runPrompt(panel, words);
    const { page } = panel;
    await page.locator('[data-address=L1H1]').focus();
    await page.keyboard.press('c');
    await page.locator('.compare-area:focus').waitFor();
    await page.keyboard.type('cat');
    await holds(page.locator('.compare textarea'), 'cat');
    await page.keyboard.press('Escape');
    await page.locator('[data-address=L1H1]:focus').waitFor();
    await page.locator('.compare').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.locator('dialog[open]', { hasText: 'Compare with a second prompt' }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  for (const theme of THEMES) {
    test(`${theme}: the grid and an opened head of a difference`, async () => {
      const panel = await openCompared(other, { theme });
      const look = (view: string): Promise<void> => lookAt(panel, `attention-compare-${view}`, theme, { widths: [420, 1000], whole: '.compare *' });
      await look('grid');
      await panel.page.locator('[data-address=L1H1]').dblclick();
      await panel.page.locator('.compare-column').nth(12).click();
      await statusSays(panel, /second − first/);
      await look('head');
      await panel.close();
    });
  }
});
