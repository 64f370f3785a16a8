import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { startWorkbench, THEMES, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { inTime } from '../../lib/inTime.ts';
import { attention, examples, untilPainted } from './support.ts';

const FILE = 'stories/prompts.txt';

suite('prompts in a file', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, size: { width: 1600, height: 900 }, settings: { 'editor.minimap.enabled': false, 'editor.hover.delay': 100 } });
  });
  after(() => bench?.close());

  const lenses = (): Locator => bench.page.locator('.codelens-decoration a').filter({ hasText: 'Run in stories.onnx' });

  /** Colours of the shades that stand behind the text, strongest last; the selection and brackets are not among them. */
  const shades = (): Promise<readonly string[]> => bench.page.evaluate(() =>
    [...document.querySelectorAll('.view-overlays [class*="ced-"]')].map((mark) => getComputedStyle(mark).backgroundColor).filter((colour) => colour !== 'rgba(0, 0, 0, 0)'));

  /** Where a word stands on the screen: the editor draws a line as spans that hold several. */
  async function pointAt(word: string): Promise<{ readonly x: number; readonly y: number }> {
    const found = await bench.page.evaluate((wanted) => {
      for (const line of document.querySelectorAll('.view-line')) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = (node.textContent ?? '').replaceAll('\u00a0', ' ').indexOf(wanted);
          if (at < 0) continue;
          const range = document.createRange();
          range.setStart(node, at + 1);
          range.setEnd(node, at + wanted.length);
          const { x, y, width, height } = range.getBoundingClientRect();
          return { x: x + width / 2, y: y + height / 2 };
        }
      }
      return undefined;
    }, word);
    assert.ok(found, `${word} is not on the screen`);
    return found;
  }

  const hover = async (word: string): Promise<void> => {
    const { x, y } = await pointAt(word);
    await bench.page.mouse.move(x - 3, y);
    await bench.page.mouse.move(x, y);
  };

  /** Points at a word until its card is there, coming from another: a hover asked before the panel's news has reached the editor has nothing to say, and is not asked again. */
  const hoverUntil = (card: Locator, word: string, from: string): Promise<true> => until(`the card of ${word}`, async () => {
    await hover(from);
    await card.waitFor({ state: 'hidden' });
    await hover(word);
    return card.waitFor({ timeout: 3000 }).then(() => true as const, () => undefined);
  });

  test('have a way to run each above it, which opens the attention panel beside', async () => {
    await (await bench.explorerItem(FILE)).dblclick();
    await inTime(async () => assert.equal(await lenses().count(), 9, 'one a prompt'));
    await lenses().first().click();
    await untilPainted(await attention(bench), [0, 1, 2, 3]);
  });

  test('show on hover what a word attends to in the chosen head, by shades and in words', async () => {
    const frame = await attention(bench);
    await frame.locator('.head[data-address="L2H5"]').click();
    const card = bench.page.locator('.monaco-hover').filter({ hasText: 'L2H5 of stories.onnx this token' }).first();
    await hoverUntil(card, 'ball', 'beach');
    await inTime(async () => assert.match((await card.innerText()).replaceAll('\u00a0', ' '), /\b0\.\d{3} {2}\S+ {2}\(\d+\)/));
    await until('shades behind the text', async () => ((await shades()).length > 0 ? true : undefined));
    for (const theme of THEMES) {
      await bench.setTheme(theme);
      await hoverUntil(card, 'ball', 'beach');
      await until('shades behind the text', async () => ((await shades()).length > 0 ? true : undefined));
      await bench.screenshot(`prompt-shades-${theme}`);
    }
  });

  test('run in another model once that was chosen for the file', async () => {
    await bench.page.locator('.codelens-decoration a').filter({ hasText: 'Another model…' }).click();
    await bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'induction/induction.onnx' }).click();
    await bench.page.locator('.codelens-decoration a').filter({ hasText: 'Run in induction.onnx' }).first().waitFor();
    await bench.page.locator('.codelens-decoration a').filter({ hasText: 'Another model…' }).click();
    await bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'stories/stories.onnx' }).click();
    await lenses().first().waitFor();
  });

  test('lose the shades when a person goes on', async () => {
    await until('shades behind the text', async () => {
      await hover('ball');
      return (await shades()).length > 0 ? true : undefined;
    }, undefined, 1000);
    await hover('beach');
    await until('a line that was not run is not shaded', async () => ((await shades()).length === 0 ? true : undefined));
  });
});
