/** An opened head of many tokens: zoomed and moved by wheel, hand, keys and map, with its tokens readable where one looks. */
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { summaryFixture } from '../unit/attention-summary.ts';
import { inTime } from '../lib/inTime.ts';
import { inkColours, openAttention, runPrompt, sameColour } from './attentionPanel.ts';
import { closeBrowser } from './harness.ts';
import type { Panel } from './harness.ts';
import { made } from './madePatterns.ts';
import { status, statusSays } from './steps.ts';

after(closeBrowser);

const LENGTH = 1024;
/** A call brings a megabyte of dense rows. */
const ROWS_CALLS = 4;
const { handlers, weight } = made(LENGTH, [{ tower: '', layer: 0, heads: 2 }]);

async function openHead(): Promise<Panel> {
  const panel = await openAttention({ model: null, host: { state: { kind: 'open', summary: summaryFixture({ layers: 1, heads: 2 }) } }, handlers, size: { width: 1200, height: 900 } });
  await runPrompt(panel, '1, 2');
  await panel.page.locator('[data-address=L0H1]').dblclick();
  await panel.page.locator('.matrix-body').waitFor();
  // What is asked for once typing and cursor rest: each answer may move what stands below it.
  await panel.page.locator('.writes').waitFor({ state: 'attached' });
  await inTime(() => assert.ok(panel.callsOf('tokenize').length > 0, 'what was typed was not asked about'));
  await inTime(() => assert.equal(panel.callsOf('patternTile').length, ROWS_CALLS, 'calls for the head’s dense rows'));
  await panel.heard();
  await settled(panel);
  return panel;
}

/** Waits until the large head stays where it is: rows above it come and go while the layers arrive. */
async function settled(panel: Panel): Promise<void> {
  await panel.page.locator('.matrix-canvas').evaluate((canvas) => new Promise<void>((resolve) => {
    let [last, still] = ['', 0];
    const look = (): void => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const now = [left, top, width, height].join();
      still = now === last ? still + 1 : 0;
      last = now;
      if (still === 20) resolve();
      else requestAnimationFrame(look);
    };
    look();
  }));
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** After the browser has drawn what was asked for. */
const drawn = (panel: Panel): Promise<unknown> => panel.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

const box = (panel: Panel, selector: string): Promise<Box> => panel.page.locator(selector).evaluate((element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left, top, width, height };
});

/** Turns the wheel with Ctrl held until the picture is so many times as large as what is seen of it. */
async function zoomTo(panel: Panel, times: number): Promise<void> {
  await panel.page.keyboard.down('Control');
  for (let notch = 0; notch < 40 && (await scale(panel)) < times; notch++) {
    const before = await scale(panel);
    await panel.page.mouse.wheel(0, -100);
    await inTime(async () => assert.notEqual(await scale(panel), before, 'the wheel zooms'));
  }
  await panel.page.keyboard.up('Control');
}

const scale = (panel: Panel): Promise<number> => panel.page.evaluate(() => {
  const [body, canvas] = [document.querySelector('.matrix-body'), document.querySelector('.matrix-canvas')];
  return (body?.clientWidth ?? 0) / (canvas?.clientWidth ?? 1);
});

const offset = (panel: Panel): Promise<readonly [number, number]> => panel.page.locator('.matrix').evaluate((matrix) => [matrix.scrollLeft, matrix.scrollTop] as const);

/** Row and column in the middle of what is seen. */
const middle = (panel: Panel): Promise<readonly [number, number]> => panel.page.locator('.matrix').evaluate((matrix, length) => {
  const [body, canvas] = [matrix.querySelector('.matrix-body'), matrix.querySelector('.matrix-canvas')];
  const at = (offset: number, seen = NaN, whole = NaN): number => ((offset + seen / 2) / whole) * length;
  return [at(matrix.scrollTop, canvas?.clientHeight, body?.clientHeight), at(matrix.scrollLeft, canvas?.clientWidth, body?.clientWidth)] as const;
}, LENGTH);

/** The cell under the pointer, of the status line. */
async function cellUnder(panel: Panel, x: number, y: number): Promise<readonly [row: number, col: number]> {
  await panel.page.mouse.move(x + 1, y);
  await panel.page.mouse.move(x, y);
  await drawn(panel);
  const line = await statusSays(panel, /@\d+ attends to .*@\d+/);
  const [, row, col] = /@(\d+) attends to .*@(\d+)/.exec(line) ?? [];
  return [Number(row), Number(col)];
}

suite('a head of 1,024 tokens', () => {
  test('zooming keeps the cell under the pointer, and cells are as their weights say', async () => {
    const panel = await openHead();
    const canvas = await box(panel, '.matrix-canvas');
    const [x, y] = [Math.round(canvas.left + canvas.width * 0.4), Math.round(canvas.top + canvas.height * 0.6)];
    const [row, col] = await cellUnder(panel, x, y);
    await zoomTo(panel, 20);
    await drawn(panel);
    const [rowAfter, colAfter] = await cellUnder(panel, x, y);
    assert.ok(Math.abs(rowAfter - row) <= 2 && Math.abs(colAfter - col) <= 2, `@${row}, @${col} became @${rowAfter}, @${colAfter}`);
    const colours = await inkColours(panel);
    const colour = await panel.page.evaluate(([left, top]) => {
      const target = document.querySelector<HTMLCanvasElement>('.matrix-canvas');
      const frame = target?.getBoundingClientRect();
      const [red = 0, green = 0, blue = 0] = target?.getContext('2d')?.getImageData(left - (frame?.left ?? 0), top - (frame?.top ?? 0), 1, 1).data ?? [];
      return [red, green, blue] as const;
    }, [Math.round(x), Math.round(y)] as const);
    sameColour(colour, colours(Math.sqrt(weight(1, rowAfter, colAfter))), `cell @${rowAfter}, @${colAfter}`);
    await panel.screenshot('attention-head-zoomed');
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('a drag moves what is seen and chooses nothing; a click chooses; news of the engine move nothing', async () => {
    const panel = await openHead();
    const canvas = await box(panel, '.matrix-canvas');
    const [x, y] = [Math.round(canvas.left + canvas.width * 0.4), Math.round(canvas.top + canvas.height * 0.6)];
    await panel.page.mouse.move(x, y);
    await zoomTo(panel, 10);
    const before = await offset(panel);
    const rest = async (): Promise<string> => {
      await panel.page.mouse.move(2, 2);
      await drawn(panel);
      return status(panel);
    };
    const chosen = await rest();
    await panel.page.mouse.move(x, y);
    await panel.page.mouse.down();
    await panel.page.mouse.move(x - 60, y - 40, { steps: 4 });
    await panel.page.mouse.up();
    const dragged = await inTime(async () => {
      const now = await offset(panel);
      assert.deepEqual(now.map((value, axis) => Math.round(value - (before[axis] ?? 0))), [60, 40]);
      return now;
    });
    assert.equal(await rest(), chosen, 'the chosen cell');
    panel.update({ engine: { kind: 'busy', what: 'Checking' } });
    await panel.heard();
    assert.deepEqual(await offset(panel), dragged, 'after news of the engine');
    const [row, col] = await cellUnder(panel, x, y);
    await panel.page.mouse.click(x, y);
    await panel.page.mouse.move(2, 2);
    await statusSays(panel, new RegExp(`@${row} attends to .*@${col} `));
    await panel.close();
  });

  test('a zoomed head has a map of the whole; a place on it is looked at', async () => {
    const panel = await openHead();
    assert.ok(!(await panel.page.locator('.minimap').isVisible()), 'no map of what is seen whole');
    await panel.page.locator('.matrix-body').focus();
    await panel.page.keyboard.press('+');
    await panel.page.keyboard.press('+');
    await panel.page.keyboard.press('+');
    await panel.page.locator('.minimap').waitFor();
    await settled(panel);
    const map = await box(panel, '.minimap-canvas');
    await panel.page.mouse.click(map.left + map.width * 0.25, map.top + map.height * 0.75);
    await inTime(async () => {
      const seen = await box(panel, '.minimap-seen');
      assert.ok(Math.abs((seen.left + seen.width / 2 - map.left) / map.width - 0.25) < 0.03, 'the frame stands where the map was clicked, across');
      assert.ok(Math.abs((seen.top + seen.height / 2 - map.top) / map.height - 0.75) < 0.03, 'and down');
    });
    const canvas = await box(panel, '.matrix-canvas');
    const [row, col] = await cellUnder(panel, canvas.left + canvas.width / 2, canvas.top + canvas.height / 2);
    assert.ok(Math.abs(row - LENGTH * 0.75) < 24 && Math.abs(col - LENGTH * 0.25) < 24, `@${row}, @${col} is in the middle`);
    await panel.page.keyboard.press('0');
    await panel.page.locator('.minimap').waitFor({ state: 'hidden' });
    await panel.close();
  });

  test('what is seen stays where it is when a notice comes, when the panel is given another size, and when colours change', async () => {
    const panel = await openHead();
    const canvas = await box(panel, '.matrix-canvas');
    await panel.page.mouse.move(canvas.left + canvas.width * 0.3, canvas.top + canvas.height * 0.4);
    await zoomTo(panel, 10);
    const seen = await middle(panel);
    // The cursor stands at the last token, out of sight.
    assert.ok(seen.every((at) => at < LENGTH * 0.8), `@${seen.join(', @')}`);
    const stays = async (after: string): Promise<void> => {
      await settled(panel);
      const now = await middle(panel);
      // The picture has whole pixels.
      assert.ok(now.every((at, axis) => Math.abs(at - (seen[axis] ?? 0)) < 4), `@${seen.join(', @')} became @${now.join(', @')} after ${after}`);
    };
    panel.update({ changed: true });
    await panel.page.locator('.notice').first().waitFor();
    await stays('a notice');
    for (const size of [{ width: 900, height: 700 }, { width: 1300, height: 1000 }]) {
      const { width } = await box(panel, '.matrix-canvas');
      await panel.page.setViewportSize(size);
      await inTime(async () => assert.notEqual((await box(panel, '.matrix-canvas')).width, width, 'the head follows the panel’s size'));
      await stays(`a panel of ${size.width} × ${size.height}`);
    }
    await panel.setTheme('Light Modern');
    await panel.heard();
    await stays('another theme');
    await panel.close();
  });

  test('around the pointer every token can be read, though the axis names one in fifty', async () => {
    const panel = await openHead();
    const canvas = await box(panel, '.matrix-canvas');
    const [row, col] = await cellUnder(panel, canvas.left + canvas.width * 0.4, canvas.top + canvas.height * 0.6);
    const words = ['The', ' old', ' keeper', ' of', ' the', ' lighthouse', ' wrote', ' down', ',', ' every', ' night', '.', '\n'];
    for (const [side, at] of [['rows', row], ['cols', col]] as const) {
      const near = await panel.page.locator(`.axis-${side} .axis-near .axis-label`).allTextContents();
      const expected = [-4, -3, -2, -1, 1, 2, 3, 4].map((step) => words[(at + step) % words.length]?.replace(/^ /, '·').replace('\n', '↵'));
      assert.deepEqual(near, expected, `tokens around @${at} on the ${side}`);
      const hidden = await panel.page.locator(`.axis-${side} .axis-list .axis-label`).evaluateAll((labels) => labels.filter((label) => (label as HTMLElement).style.visibility === 'hidden').length);
      assert.ok(hidden >= 2, `labels on the ${side} make room`);
    }
    await panel.screenshot('attention-head-1024-tokens');
    await panel.close();
  });
});
