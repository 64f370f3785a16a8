/** Two prompts in a real VS Code: typed and compared by key, one head opened, as a difference and side by side, saved, and there again after the engine's death. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Frame, Locator } from 'playwright-core';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { MODEL, attention, examples, inEveryTheme, mark, runPrompt, untilPainted, untilPredicts } from './support.ts';

const FIRST = 'cat milk door piano snow wolf bread cat milk door piano snow wolf';
/** The second "cat" is changed, the second "piano" left out, and "rain" put in at the end. */
const SECOND = 'cat milk door piano snow wolf bread dog milk door snow wolf rain';
const ALIGNED = '12 tokens alike · 1 changed · 1 only in the first · 1 only in the second';

suite('two prompts', () => {
  const ours = mark();
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, env: ours.env });
  });
  after(() => bench?.close());

  const second = (frame: Frame): Locator => frame.locator('.compare textarea');
  const compared = (frame: Frame): Promise<void> => frame.locator('.compare', { hasText: ALIGNED }).waitFor();

  test('are compared without the mouse: their tokens stand aligned, and every layer shows how they differ', async () => {
    await bench.explorerContextMenu(MODEL, 'Open Attention');
    const frame = await attention(bench);
    await runPrompt(frame, FIRST);
    await untilPredicts(frame, 'bread');
    await frame.locator('.head[data-address="L1H1"]').focus();
    await bench.page.keyboard.press('c');
    await second(frame).and(frame.locator(':focus')).waitFor();
    await bench.page.keyboard.type(SECOND);
    await bench.page.keyboard.press('Control+Enter');
    await compared(frame);
    await untilPainted(frame, [0, 1]);
    await inEveryTheme(bench, 'compare-grid');
  });

  test('an opened head tells at its cursor what each of them has there', async () => {
    const frame = await attention(bench);
    await frame.locator('.head[data-address="L1H1"]').dblclick();
    await frame.locator('.compare-column').nth(8).click();
    await frame.locator('.status-line', { hasText: /^L1H1 · .*cat ⇒ .*dog @8 attends to .* · second − first \S+ \(\S+ − \S+\)$/ }).waitFor();
    await frame.locator('.compare-column').nth(11).click();
    await frame.locator('.status-line', { hasText: /piano @11 of the first prompt attends to .* · in the first prompt only: / }).waitFor();
    await inEveryTheme(bench, 'compare-head');
  });

  test('d puts them side by side, with one cursor in both, and back', async () => {
    const frame = await attention(bench);
    await frame.locator('.compare-column').nth(8).click();
    await bench.page.keyboard.press('d');
    await frame.locator('.compare-choice[aria-pressed=true]', { hasText: 'Side by side' }).waitFor();
    await frame.locator('.beside-half .matrix-canvas').nth(1).waitFor();
    await frame.locator('.status-line', { hasText: /cat ⇒ .*dog @8 attends to / }).waitFor();
    await inEveryTheme(bench, 'compare-side');
    await frame.locator('.compare-column').nth(8).click();
    await bench.page.keyboard.press('d');
    await frame.locator('.compare-choice[aria-pressed=true]', { hasText: 'Difference' }).waitFor();
  });

  test('their difference is saved where a person says', async () => {
    const frame = await attention(bench);
    await frame.locator('vscode-button').getByText('CSV').click();
    const place = bench.page.locator('.quick-input-widget input').first();
    await until('a place beside the model', async () => (/\/induction\/[^/]+\.csv$/.test(await place.inputValue()) ? true : undefined));
    const path = join(bench.folder, 'induction/difference.csv');
    await place.fill(path);
    await place.press('Enter');
    const text = await until('the file', () => Promise.resolve(existsSync(path) ? readFileSync(path, 'utf8') || undefined : undefined));
    const [titles, ...rows] = text.trim().split('\r\n');
    assert.match(titles ?? '', /,second_minus_first$/);
    assert.equal(rows.length, 15 ** 2, 'a row for each cell of the aligned tokens');
  });

  test('are run and compared again by themselves when the engine is killed', async () => {
    const frame = await attention(bench);
    const serial = async (): Promise<number> => Number.parseInt(await frame.locator('.toolbar-progress').getAttribute('data-run') ?? '', 10);
    const before = await serial();
    const pid = await until('one engine', () => Promise.resolve(ours.engines().length === 1 ? ours.engines()[0] : undefined));
    process.kill(pid, 'SIGKILL');
    await until('a run after those that were lost', async () => ((await serial()) > before ? true : undefined));
    await compared(frame);
    await frame.locator('.status-line', { hasText: /second − first|prompt only/ }).waitFor();
  });

  test('Escape takes the second one away; the first one’s run stays', async () => {
    const frame = await attention(bench);
    await second(frame).press('Escape');
    await frame.locator('.compare').waitFor({ state: 'hidden' });
    await untilPredicts(frame, 'bread');
  });
});
