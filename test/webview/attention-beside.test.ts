/** Two prompts beside each other: an opened head of both with one cursor, zoom and scroll; all heads of both; and both in the table and exports. Held to two runs of their own. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { PatternTile } from '../../src/shared/protocol/engineApi.ts';
import { inTime } from '../lib/inTime.ts';
import { inkColours, openAttention, runPrompt, sameColour, words } from './attentionPanel.ts';
import { aligned, at, compareAnew, compared, compareWith, number, openCompared, other, patternOf, show } from './comparedPanel.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { lookAt } from './looks.ts';
import { induction, runDone, saved as savedAs, statusSays, stories } from './steps.ts';

after(closeBrowser);

type Side = 'first' | 'second';
const sides: readonly Side[] = ['first', 'second'];
const keyOf = (side: Side): 0 | 1 => (side === 'first' ? 0 : 1);

const half = (panel: Panel, side: Side) => panel.page.locator('.beside-half', { has: panel.page.locator(`.matrix-body[aria-label$="of the ${side} prompt"]`) });

/** Shows both prompts' L1H1 beside each other. */
async function openBeside(text = other, options: Partial<PanelOptions> = {}): Promise<Panel> {
  const panel = await openCompared(text, options);
  await show(panel, 'Side by side');
  await panel.page.locator('.beside-heads [data-address=L1H1]').first().dblclick();
  await half(panel, 'second').locator('.matrix-canvas').waitFor();
  return panel;
}

const point = (panel: Panel, side: Side, row: number, col: number, count: number): Promise<void> => half(panel, side).locator('.matrix-body').hover({ position: { x: 1, y: 1 } }).then(async () => {
  const box = await half(panel, side).locator('.matrix-body').boundingBox();
  assert.ok(box);
  await panel.page.mouse.move(box.x + (box.width * (col + 0.5)) / count, box.y + (box.height * (row + 0.5)) / count);
});

/** Where the ring of the cell under pointer or cursor stands, as row and column; null: there is none. */
const ring = (panel: Panel, side: Side, count: number): Promise<readonly [row: number, col: number] | null> => half(panel, side).locator('.matrix-body').evaluate((body, tokens) => {
  const cell = body.querySelector<HTMLElement>('.cross-cell');
  if (!cell || cell.hidden) return null;
  return [Math.round((cell.offsetTop / body.clientHeight) * tokens), Math.round((cell.offsetLeft / body.clientWidth) * tokens)] as const;
}, count);

const ringIs = (panel: Panel, side: Side, expected: readonly [row: number, col: number] | null): Promise<void> => inTime(async () => assert.deepEqual(await ring(panel, side, columns), expected, side));

/** The colour in the middle of a cell of an opened head that is seen whole. */
const colourOf = (panel: Panel, side: Side, row: number, col: number, count: number) => half(panel, side).locator('.matrix-canvas').evaluate((element, [rowAt, colAt, tokens]) => {
  const canvas = element as HTMLCanvasElement;
  const [red = 0, green = 0, blue = 0] = canvas.getContext('2d')?.getImageData(Math.floor((canvas.width * (colAt + 0.5)) / tokens), Math.floor((canvas.height * (rowAt + 0.5)) / tokens), 1, 1).data ?? [];
  return [red, green, blue] as const;
}, [row, col, count] as const);

const columns = aligned.length;

suite('two prompts side by side', () => {
  test('every cell of both has the weight of its own prompt’s run, in the same place; what a prompt has not is hatched', async () => {
    const panel = await openBeside();
    const colours = await inkColours(panel);
    const runs: Readonly<Record<Side, PatternTile>> = { first: await patternOf(words), second: await patternOf(other) };
    for (const side of sides) {
      for (const [row, col] of [[3, 2], [8, 1], [10, 9], [13, 13], [12, 0], [9, 8], [13, 10]] as const) {
        const [dest, source] = [aligned[row]?.[keyOf(side)] ?? null, aligned[col]?.[keyOf(side)] ?? null];
        assert.ok(dest !== null && source !== null);
        await inTime(async () => sameColour(await colourOf(panel, side, row, col, columns), colours(Math.sqrt(at(runs[side], dest, source))), `${side}, ${row} to ${col}`));
      }
    }
    await panel.page.locator('.legend', { hasText: 'in one prompt only' }).waitFor();
    await inTime(async () => {
      const labels = await Promise.all(sides.map((side) => half(panel, side).locator('.axis-rows .axis-label').allInnerTexts()));
      assert.deepEqual(labels.map((list) => list.length), [14, 14], 'each prompt has the labels of its own tokens alone');
    });
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('one cursor: pointer and keys on either show the same cell in the other, with both weights and their difference, or that there is none', async () => {
    const panel = await openBeside();
    const [first, second] = [await patternOf(words), await patternOf(other)];
    await point(panel, 'first', 12, 0, columns);
    const line = await statusSays(panel, /snow @12 ⇒ @11 attends to .*@0 · second − first .* \(.* − .*\)$/);
    const told = /second − first (\S+) \((\S+) − (\S+)\)$/.exec(line)?.slice(1).map(number) ?? [];
    const expected = [at(second, 11, 0) - at(first, 12, 0), at(second, 11, 0), at(first, 12, 0)];
    told.forEach((value, index) => assert.ok(Math.abs(value - (expected[index] ?? NaN)) <= Math.abs(expected[index] ?? NaN) * 0.006 + 1e-9, `${line}, where two runs say ${expected.join()}`));
    for (const side of sides) await ringIs(panel, side, [12, 0]);
    // A token of the first prompt alone.
    await point(panel, 'first', 11, 3, columns);
    await statusSays(panel, /piano @11 of the first prompt attends to .* · in the first prompt only: /);
    await ringIs(panel, 'first', [11, 3]);
    await ringIs(panel, 'second', null);
    await half(panel, 'second').locator('.beside-caption', { hasText: /^Second prompt · has no .*piano/ }).waitFor();
    await half(panel, 'first').locator('.beside-caption', { hasText: /^First prompt$/ }).waitFor();
    // Keys, in the second one.
    await half(panel, 'second').locator('.matrix-body').click();
    await panel.page.keyboard.press('Home');
    for (let row = 0; row < 3; row++) await panel.page.keyboard.press('PageUp');
    for (let row = 0; row < 14; row++) await panel.page.keyboard.press('ArrowDown');
    await panel.page.mouse.move(0, 0);
    await statusSays(panel, /rain @13 of the second prompt attends to .* · in the second prompt only: /);
    await ringIs(panel, 'second', [14, 0]);
    await ringIs(panel, 'first', null);
    await panel.page.keyboard.press('ArrowUp');
    await statusSays(panel, /@13 ⇒ @12 attends to .* · second − first /);
    for (const side of sides) await ringIs(panel, side, [13, 0]);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('zoom and scroll are one, whichever of the two is moved', async () => {
    const panel = await openBeside();
    const views = (): Promise<readonly string[]> => Promise.all(sides.map((side) => half(panel, side).locator('.matrix').evaluate((matrix) => [matrix.scrollLeft, matrix.scrollTop, matrix.scrollWidth, matrix.scrollHeight].map(Math.round).join())));
    const alike = (): Promise<unknown> => panel.page.waitForFunction(() => {
      const [one, two] = [...document.querySelectorAll('.beside .matrix')];
      return one && two && one.scrollLeft === two.scrollLeft && one.scrollTop === two.scrollTop && one.scrollWidth === two.scrollWidth && one.scrollLeft > 0;
    });
    const before = await views();
    await half(panel, 'second').locator('.matrix-body').hover();
    await panel.page.keyboard.down('Control');
    for (let notch = 0; notch < 4; notch++) await panel.page.mouse.wheel(0, -100);
    await panel.page.keyboard.up('Control');
    await alike();
    const zoomed = await views();
    assert.notDeepEqual(zoomed, before);
    await half(panel, 'first').locator('.matrix-body').hover();
    await panel.page.mouse.down();
    await panel.page.mouse.move(300, 640, { steps: 4 });
    await panel.page.mouse.up();
    await panel.page.waitForFunction((old) => [...document.querySelectorAll('.beside .matrix')].every((matrix) => Math.round(matrix.scrollTop) !== old), Number(zoomed[0]?.split(',')[1]));
    await alike();
    await panel.screenshot('attention-beside-zoomed');
    await half(panel, 'first').locator('.matrix-body').focus();
    await panel.page.keyboard.press('0');
    await panel.page.waitForFunction(() => [...document.querySelectorAll('.beside .matrix')].every((matrix) => !matrix.classList.contains('matrix-zoomed')));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('all heads of both stand beside each other; d turns to the difference and back; a reload keeps it, and the help names it', async () => {
    const panel = await openCompared();
    await panel.page.locator('.heads').first().click({ position: { x: 2, y: 2 } });
    await panel.page.keyboard.press('d');
    await panel.page.locator('.beside-heads .beside-caption', { hasText: 'Second prompt' }).waitFor();
    await inTime(async () => assert.equal(await panel.page.locator('.beside-heads [data-address=L0H0]').count(), 2));
    await panel.page.keyboard.press('d');
    await panel.page.locator('.legend', { hasText: 'second prompt − first' }).waitFor();
    await panel.page.keyboard.press('d');
    await panel.page.locator('.beside-heads').waitFor();
    await panel.page.keyboard.press('?');
    await panel.page.locator('dialog.keys', { hasText: 'Of two prompts the difference, or both side by side' }).waitFor();
    const state = await panel.keptState();
    const again = await openAttention({ model: induction, size: { width: 1100, height: 1000 }, state });
    await runDone(again);
    await compared(again);
    await again.page.locator('.compare-choice[aria-pressed=true]', { hasText: 'Side by side' }).waitFor();
    await again.page.locator('.beside-heads [data-address=L0H0]').first().waitFor();
    assert.deepEqual([...panel.problems, ...again.problems], []);
    await panel.close();
    await again.close();
  });

  test('CSV holds both weights and their difference in every cell; SVG and PNG hold both pictures', async () => {
    const panel = await openBeside();
    const saved = async (format: string): Promise<string> => (await savedAs(panel, format)).content;
    const [first, second] = [await patternOf(words), await patternOf(other)];
    const [titles, ...lines] = (await saved('CSV')).trim().split('\r\n').map((line) => line.split(','));
    assert.deepEqual(titles?.slice(-3), ['first', 'second', 'second_minus_first']);
    assert.equal(lines.length, columns ** 2);
    for (const line of lines) {
      const [row, col] = [aligned[Number(line[1])], aligned[Number(line[3])]];
      const value = (tile: PatternTile, key: 0 | 1): number | undefined => (row?.[key] === null || col?.[key] === null || Number(line[3]) > Number(line[1]) ? undefined : at(tile, row?.[key] ?? -1, col?.[key] ?? -1));
      const [own, further] = [value(first, 0), value(second, 1)];
      const expected = [own, further, own === undefined || further === undefined ? undefined : further - own];
      expected.forEach((one, index) => {
        const told = line[5 + index];
        assert.ok(one === undefined ? told === '' : Math.abs(Number(told) - one) < 1e-6, `${line.join()}: ${one} expected`);
      });
    }
    const svg = await saved('SVG');
    const drawn = await panel.page.evaluate((text) => {
      const page = new DOMParser().parseFromString(text, 'image/svg+xml');
      return { broken: page.querySelector('parsererror')?.textContent ?? '', inner: [...page.querySelectorAll('svg > svg')].map((one) => one.querySelectorAll('path').length), text: page.documentElement.textContent };
    }, svg);
    assert.equal(drawn.broken, '');
    assert.equal(drawn.inner.length, 2);
    assert.ok(drawn.inner.every((paths) => paths > 3), 'each prompt has its cells');
    assert.match(drawn.text, /First prompt[\s\S]*Second prompt/);
    const png = Buffer.from(await saved('PNG'), 'base64');
    const [, width = '0', height = '0'] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [2 * Number(width), 2 * Number(height)]);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('the table has both weights and their difference, of the opened head and of all; what a prompt has not is a dash', async () => {
    const panel = await openBeside();
    const [first, second] = [await patternOf(words), await patternOf(other)];
    await panel.page.keyboard.press('t');
    const rows = panel.page.locator('.table-rows .table-row');
    await rows.first().waitFor();
    const titles = await panel.page.locator('.table-heads .table-sort').allInnerTexts();
    assert.deepEqual(titles, ['Head', 'Destination', 'Source', 'First', 'Second', 'Second − first']);
    // Cells of either prompt, without those that the mask closes.
    const has = (key: 0 | 1, row: number, col: number): boolean => typeof aligned[row]?.[key] === 'number' && typeof aligned[col]?.[key] === 'number' && col <= row;
    const count = Array.from({ length: columns ** 2 }, (_, cell) => [Math.floor(cell / columns), cell % columns] as const).filter(([row, col]) => has(0, row, col) || has(1, row, col)).length;
    await panel.page.locator('.table-note', { hasText: `${count} rows` }).waitFor();
    await panel.page.locator('.table-sort', { hasText: 'Second − first' }).click();
    await panel.page.locator('[aria-sort=descending]', { hasText: 'Second − first' }).waitFor();
    const told = await rows.evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent)));
    assert.ok(told.length > 5, `${told.length} rows are seen`);
    for (const [, dest = '', source = '', own = '', further = '', difference = ''] of told) {
      const [row, col] = [Number.parseInt(dest, 10), Number.parseInt(source, 10)];
      const expected = [has(0, row, col) ? at(first, aligned[row]?.[0] ?? -1, aligned[col]?.[0] ?? -1) : null, has(1, row, col) ? at(second, aligned[row]?.[1] ?? -1, aligned[col]?.[1] ?? -1) : null] as const;
      const both = expected[0] === null || expected[1] === null ? null : expected[1] - expected[0];
      ([[own, expected[0]], [further, expected[1]], [difference, both]] as const).forEach(([text, value]) => assert.ok(value === null ? text === '–' : Math.abs(number(text) - value) <= 5.1e-5, `${dest} to ${source}: ${text}, where the runs say ${value}`));
    }
    await panel.screenshot('attention-beside-table');
    await panel.page.keyboard.press('Escape');
    await panel.page.keyboard.press('Escape');
    await panel.page.locator('.beside-heads').waitFor();
    await panel.page.keyboard.press('t');
    await panel.page.locator('.table-note', { hasText: `${16 * columns} rows` }).waitFor();
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('of more tokens than are sent whole, the status tells both weights of any cell', async () => {
    const story = `${'Once upon a time there was a little girl and she had a big dog. '.repeat(6)}The end.`;
    const changed = story.replace('a little girl', 'a girl');
    const panel = await openAttention({ model: stories, size: { width: 1100, height: 1000 } });
    await runPrompt(panel, story);
    await compareWith(panel, changed);
    await show(panel, 'Side by side');
    await panel.page.locator('.beside-heads [data-address=L0H5]').first().dblclick();
    const [first, second] = [await patternOf(story, stories, [0, 5]), await patternOf(changed, stories, [0, 5])];
    assert.ok(first.rows > 64 && first.rows === second.rows + 1, `${first.rows} and ${second.rows} tokens`);
    await half(panel, 'first').locator('.matrix-body').focus();
    await panel.page.keyboard.press('Home');
    for (let step = 0; step < 12; step++) {
      const line = await statusSays(panel, / · (second − first \S+ \(\S+ − \S+\)|in the first prompt only: \S+)$/);
      const [, only] = /in the first prompt only: (\S+)$/.exec(line) ?? [];
      const [, row = '', rowOther = row, col = '', colOther = col] = /@(\d+)(?: ⇒ @(\d+))? attends to .*?@(\d+)(?: ⇒ @(\d+))?(?: of the first prompt)? ·/.exec(line) ?? [];
      const [difference, own, before] = /second − first (\S+) \((\S+) − (\S+)\)$/.exec(line)?.slice(1).map(number) ?? [];
      const expected = { second: at(second, Number(rowOther), Number(colOther)), first: at(first, Number(row), Number(col)) };
      const near = (told: number | undefined, value: number): boolean => Math.abs((told ?? NaN) - value) <= Math.abs(value) * 0.006 + 1e-9;
      if (only !== undefined) assert.ok(near(number(only), expected.first), `${line}, where its run says ${expected.first}`);
      else assert.ok(near(own, expected.second) && near(before, expected.first) && near(difference, expected.second - expected.first), `${line}, where two runs say ${expected.second} and ${expected.first}`);
      await panel.page.keyboard.press('ArrowRight');
      if (step % 4 === 3) await panel.page.keyboard.press('ArrowUp');
      await panel.page.waitForFunction((old) => document.querySelector('.status-line')?.textContent !== old, line);
    }
    await panel.screenshot('attention-beside-long');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('one token, nothing in common, and writing from right to left with combining marks', async () => {
    const panel = await openAttention({ model: stories, size: { width: 1100, height: 1000 } });
    const texts = [['Once', 'שלום עולם'], ['مرحبا يا صديقي', 'e\u0301te\u0301 nai\u0308ve'], ['The dog ran.', 'xyz 123 !!! xyz 123 !!!']] as const;
    await runPrompt(panel, texts[0][0]);
    await compareWith(panel, texts[0][1]);
    await show(panel, 'Side by side');
    await panel.page.locator('.beside-heads [data-address=L0H0]').first().dblclick();
    for (const [own, further] of texts) {
      await runPrompt(panel, own);
      await compareAnew(panel, further);
      await half(panel, 'second').locator('.matrix-canvas').waitFor();
      await statusSays(panel, /attends to .* · (second − first|in the (first|second) prompt only)/);
      const [first, second] = [await patternOf(own, stories, [0, 0]), await patternOf(further, stories, [0, 0])];
      const { content } = await savedAs(panel, 'CSV');
      const lines = content.trim().split('\r\n').slice(1).map((line) => line.split(',').slice(-3).map(Number));
      const sum = (column: number): number => lines.reduce((total, line) => total + (line[column] ?? NaN), 0);
      // Each row of a pattern adds up to one, so that nothing of either prompt was lost on the common columns.
      assert.ok(Math.abs(sum(0) - first.rows) < 1e-3 && Math.abs(sum(1) - second.rows) < 1e-3, `${own} and ${further}: ${sum(0)} and ${sum(1)} of ${first.rows} and ${second.rows} rows`);
    }
    await panel.screenshot('attention-beside-marks');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  for (const theme of THEMES) {
    test(`every control can be used in ${theme}, and nothing is wider than the panel from 420 px on`, async () => {
      const panel = await openBeside(other, { theme });
      await lookAt(panel, 'attention-beside', theme, { whole: '.beside .matrix, .compare *' });
      await panel.close();
    });
  }
});
