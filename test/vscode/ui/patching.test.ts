import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Frame } from 'playwright-core';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { examples, inEveryTheme, untilHolds } from './support.ts';

const CLEAN = 'Lily and Ben went to the park. Ben gave a ball to';
const CORRUPTED = 'Lily and Ben went to the park. Lily gave a ball to';
const TAB = /stories\.onnx: Patching/;

suite('the patching panel', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, size: { width: 1600, height: 1000 } });
  });
  after(() => bench?.close());

  const patching = (): Promise<Frame> => bench.webview('body[data-panel="patching"] .prompt-area');
  const box = (frame: Frame, side: 'clean' | 'corrupted') => frame.locator(`.prompt-area[data-side=${side}] textarea`);
  const field = (frame: Frame, name: string) => frame.locator(`[data-field=${name}] input`);
  const ended = (frame: Frame): Promise<unknown> => frame.waitForFunction(() => /(done|cancelled|failed)$/.test(document.querySelector<HTMLElement>('.toolbar-progress')?.dataset['run'] ?? ''));

  /** Colours of a map in all: one that was not run has those of its hatching, two. */
  const colours = (frame: Frame): Promise<number> => frame.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.map-canvas');
    const { data } = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray() };
    const found = new Set<number>();
    for (let at = 0; at + 3 < data.length; at += 4) found.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
    return found.size;
  });

  test('begins with what is selected in an editor, and shows its tokens before anything runs', async () => {
    await (await bench.explorerItem('stories/prompts.txt')).dblclick();
    await bench.page.locator('.monaco-editor .view-line').first().waitFor();
    await bench.page.locator('.monaco-editor').first().click();
    await bench.page.keyboard.press('Control+Home');
    await bench.page.keyboard.press('Shift+End');
    await bench.command('Cogscope: Patch…');
    await bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'stories.onnx' }).first().click();
    const frame = await patching();
    await untilHolds(box(frame, 'clean'), CLEAN);
    await frame.locator('.align-column').nth(13).waitFor();
    assert.equal(await frame.locator('.field-problem:visible').count(), 0);
    await bench.page.getByRole('tab', { name: TAB }).waitFor();
  });

  test('runs what is filled in: the map fills, and its strongest head is the one that the example’s README names', async () => {
    const frame = await patching();
    await box(frame, 'corrupted').fill(CORRUPTED);
    await field(frame, 'target').fill(' Lily');
    await field(frame, 'distractor').fill(' Ben');
    await frame.locator('vscode-dropdown[aria-label=By]').click();
    await frame.getByRole('option', { name: 'head', exact: true }).click();
    await box(frame, 'clean').press('Control+Enter');
    await ended(frame);
    await until('a map with colours', async () => ((await colours(frame)) > 2 ? true : undefined));
    await frame.locator('.strongest-address').first().filter({ hasText: /^L0H5$/ }).waitFor();
    await frame.locator('.history summary', { hasText: 'History · 1 run' }).waitFor();
  });

  test('a click on a cell shows its patched run; the diff opens beside the code in the editor’s own', async () => {
    const frame = await patching();
    const { width = 0, height = 0 } = await frame.locator('.map-canvas').first().boundingBox() ?? {};
    await frame.locator('.map-canvas').first().click({ position: { x: (5.5 / 8) * width, y: (0.5 / 4) * height } });
    await frame.locator('.cell-address', { hasText: 'L0H5' }).waitFor();
    await frame.locator('.cell-column').nth(2).waitFor();
    await inEveryTheme(bench, 'patching', () => until('the map in the theme’s colours', async () => ((await colours(await patching())) > 2 ? true : undefined)));
    await frame.getByRole('button', { name: 'Show diff' }).click();
    await bench.page.locator('.monaco-diff-editor .view-line').filter({ hasText: 'Lily' }).first().waitFor();
    await inEveryTheme(bench, 'patching-diff');
  });

  test('shows the experiment as a file', async () => {
    await bench.page.getByRole('tab', { name: TAB }).click();
    const frame = await patching();
    await frame.locator('vscode-button[aria-label=JSON]').click();
    await bench.page.getByRole('tab', { name: /activation-patching\.cogscope\.json/ }).waitFor();
    await bench.page.locator('.monaco-editor .view-line').filter({ hasText: '"kind": "activation-patching"' }).first().waitFor();
  });

  test('opens the head that a cell is in', async () => {
    await bench.page.getByRole('tab', { name: TAB }).click();
    const frame = await patching();
    await frame.getByRole('button', { name: 'Open head' }).click();
    await bench.webview('body[data-panel="attention"] .prompt-area');
  });

  test('copies a cell’s address from its right-click menu', async () => {
    await bench.page.getByRole('tab', { name: TAB }).click();
    const frame = await patching();
    await frame.locator('.strongest-row').first().click({ button: 'right' });
    await bench.menuItem('Copy Address');
    await until('the address on the clipboard', async () => ((await bench.page.evaluate(() => navigator.clipboard.readText())) === 'L0H5' ? true : undefined));
  });

  test('comes back with prompts, map and cell when the window is loaded anew, and runs nothing again', async () => {
    await bench.page.getByRole('tab', { name: TAB }).click();
    await bench.written('webviewInput', 'cogscope.patching');
    await bench.reload();
    // It shares its column with the head's panel, and either may have been in front when the window last wrote what it shows.
    await bench.page.getByRole('tab', { name: TAB }).click();
    const frame = await patching();
    await untilHolds(box(frame, 'corrupted'), CORRUPTED);
    await until('a map with colours', async () => ((await colours(frame)) > 2 ? true : undefined));
    assert.equal(await frame.locator('.toolbar-progress').getAttribute('data-run'), '0 done');
  });
});
