import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { MODEL, attention, examples, inEveryTheme, mark, overview, promptBox, runPrompt, untilHolds, untilPainted, untilPredicts, untilStatus } from './support.ts';

const PROMPT = 'cat milk door piano snow wolf bread cat milk door';
const TAB = 'induction.onnx: Attention';

suite('the attention panel', () => {
  const ours = mark();
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, env: ours.env });
  });
  after(() => bench?.close());

  const engine = (): Promise<number> => until('one engine', () => Promise.resolve(ours.engines().length === 1 ? ours.engines()[0] : undefined));
  const kill = async (): Promise<void> => {
    const pid = await engine();
    process.kill(pid, 'SIGKILL');
    await until(`engine ${pid} gone`, () => Promise.resolve(ours.engines().includes(pid) ? undefined : true));
  };

  test('opens beside a model and paints every head of a prompt that is typed', async () => {
    await bench.explorerContextMenu(MODEL, 'Inspect Model');
    await overview(bench);
    await bench.explorerContextMenu(MODEL, 'Open Attention');
    const frame = await attention(bench);
    await runPrompt(frame, PROMPT);
    await untilPainted(frame, [0, 1]);
    await untilPredicts(frame, 'piano');
    await untilStatus(bench, /Cogscope: ready/);
  });

  test('copies a head’s address from its right-click menu', async () => {
    const frame = await attention(bench);
    await frame.locator('.head[data-address="L1H5"]').click({ button: 'right' });
    await bench.menuItem('Copy Address');
    await until('the address on the clipboard', async () => ((await bench.page.evaluate(() => navigator.clipboard.readText())) === 'L1H5' ? true : undefined));
  });

  test('loses nothing of a run while it is hidden', async () => {
    const frame = await attention(bench);
    await runPrompt(frame, `${PROMPT} piano`);
    await bench.page.keyboard.press('Control+P');
    await bench.page.locator('.quick-input-widget input').first().fill('prompts.txt');
    await bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'prompts.txt' }).first().click();
    await bench.page.getByRole('tab', { name: TAB }).and(bench.page.locator('[aria-selected="false"]')).click();
    await untilPainted(frame, [0, 1]);
    await untilPredicts(frame, 'snow');
  });

  test('comes back with prompt, head and picture when the window is loaded anew', async () => {
    const frame = await attention(bench);
    await runPrompt(frame, PROMPT);
    await untilPredicts(frame, 'piano');
    await frame.locator('.head[data-address="L0H5"]').click();
    await bench.written('webviewEditor', 'cogscope.attention');
    await bench.written('"address":"L0H5"');
    await bench.reload();
    const again = await attention(bench);
    await untilHolds(promptBox(again), PROMPT);
    await untilPainted(again, [0, 1]);
    await untilPredicts(again, 'piano');
    await again.locator('.head[data-address="L0H5"][aria-selected="true"]').waitFor();
  });

  test('runs its prompt again by itself when the engine is killed', async () => {
    const frame = await attention(bench);
    const before = await engine();
    await frame.evaluate(() => document.querySelectorAll<HTMLCanvasElement>('.heads-canvas').forEach((canvas) => canvas.getContext('2d')?.clearRect(0, 0, canvas.width, canvas.height)));
    await kill();
    await untilPainted(frame, [0, 1]);
    await untilPredicts(frame, 'piano');
    assert.notEqual(await engine(), before);
    await untilHolds(promptBox(frame), PROMPT);
  });

  test('keeps what is typed through ten deaths of the engine, and says what to do', async () => {
    const frame = await attention(bench);
    await promptBox(frame).fill(`${PROMPT} wolf wolf`);
    const restart = frame.locator('.notices vscode-button').getByText('Restart engine');
    const next = async (): Promise<void> => {
      await until('a new engine, or word that there is none', async () => (ours.engines().length > 0 || (await restart.isVisible()) ? true : undefined));
      if (ours.engines().length > 0) return;
      await restart.click();
      await restart.waitFor({ state: 'detached' });
    };
    for (let death = 0; death < 10; death++) {
      await kill();
      await next();
    }
    await untilStatus(bench, /Cogscope: ready/);
    await untilHolds(promptBox(frame), `${PROMPT} wolf wolf`);
    await runPrompt(frame, PROMPT);
    await untilPredicts(frame, 'piano');
  });

  test('saves what it shows where a person says', async () => {
    const frame = await attention(bench);
    await frame.locator('vscode-button').getByText('CSV').click();
    const place = bench.page.locator('.quick-input-widget input').first();
    await until('a place beside the model', async () => (/\/induction\/[^/]+\.csv$/.test(await place.inputValue()) ? true : undefined));
    const path = join(bench.folder, 'induction/saved.csv');
    await place.fill(path);
    await place.press('Enter');
    const text = await until('the file', () => Promise.resolve(existsSync(path) ? readFileSync(path, 'utf8') || undefined : undefined));
    assert.match(text, /L1H7/);
  });

  test('opens with what was typed when it was closed', async () => {
    await bench.page.getByRole('tab', { name: TAB }).getByLabel('Close').click();
    await bench.command('Cogscope: Open Attention');
    const frame = await attention(bench);
    await untilHolds(promptBox(frame), PROMPT);
  });

  test('looks well in every theme', async () => {
    const frame = await attention(bench);
    await runPrompt(frame, PROMPT);
    await frame.locator('.head[data-address="L1H3"]').click();
    await inEveryTheme(bench, 'attention', async () => untilPainted(await attention(bench), [0, 1]));
  });
});
