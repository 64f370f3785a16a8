/** What the tests through the window share. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import type { Workbench } from '../harness/workbench.ts';
import { THEMES, until } from '../harness/workbench.ts';

export const examples = join(import.meta.dirname, '../../../examples');
export const MODEL = 'induction/induction.onnx';

export const overview = (bench: Workbench): Promise<Frame> => bench.webview('body[data-panel="overview"] .head');
export const attention = (bench: Workbench): Promise<Frame> => bench.webview('body[data-panel="attention"] .prompt-area');

/** Which layers of the attention panel hold a picture: a row of empty frames has a colour or two. */
export const paintedLayers = (frame: Frame): Promise<readonly number[]> =>
  frame.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('.heads-canvas')].flatMap((canvas, layer) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray() };
      const colours = new Set<number>();
      for (let at = 0; at + 3 < data.length; at += 4) colours.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
      return colours.size > 4 ? [layer] : [];
    }));

/** Waits until these layers are painted, and no others. */
export async function untilPainted(frame: Frame, layers: readonly number[]): Promise<void> {
  await until(`layers ${layers.join(', ')} painted`, async () => ((await paintedLayers(frame)).join() === layers.join() ? true : undefined));
}

export const promptBox = (frame: Frame): Locator => frame.locator('.prompt-area textarea');

/** Waits for a control to have a value: the toolkit's take theirs over a frame after the panel is drawn. */
export async function untilHolds(control: Locator, value: string): Promise<void> {
  await until(`"${value}" in a field`, async () => ((await control.inputValue()) === value ? true : undefined));
}

export async function runPrompt(frame: Frame, text: string): Promise<void> {
  await frame.locator('vscode-button[aria-label="Run"]:not([disabled])').waitFor({ state: 'attached' });
  await promptBox(frame).fill(text);
  await promptBox(frame).press('Control+Enter');
}

/** As somebody does who does not wait: right-click, Inspect Model, Open attention, type and run. */
export async function inspectAndRunAtOnce(bench: Workbench, text: string): Promise<Frame> {
  await bench.page.locator('.activitybar').getByRole('tab', { name: 'Cogscope' }).waitFor();
  await bench.explorerContextMenu(MODEL, 'Inspect Model');
  await (await overview(bench)).getByText('Open attention', { exact: true }).first().click();
  const frame = await attention(bench);
  await promptBox(frame).fill(text);
  await promptBox(frame).press('Control+Enter');
  return frame;
}

/** The first prediction, as "word 61.4%". */
export async function untilPredicts(frame: Frame, word: string): Promise<void> {
  await frame.locator('.predictions-list li').first().filter({ hasText: word }).waitFor();
}

/** A mark in the environment of a server: by it the processes that it started are told from all others. */
export interface Mark {
  readonly env: NodeJS.ProcessEnv;
  /** Engines that run. */
  engines(): readonly number[];
}

export function mark(): Mark {
  const value = `COGSCOPE_TEST_MARK=${randomUUID()}`;
  const [name = '', text = ''] = value.split('=');
  const isOurs = (pid: string): boolean => {
    try {
      // The environment of a process that has ended is empty, also while nobody has asked about it yet.
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(value) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dist/engine.js');
    } catch {
      return false; // It has gone since the folder was read.
    }
  };
  return { env: { [name]: text }, engines: () => readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && isOurs(entry)).map(Number) };
}

export const parentOf = (pid: number): number => Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));

/** The status item's text. */
export async function untilStatus(bench: Workbench, text: RegExp): Promise<void> {
  await bench.page.locator('.statusbar-item').filter({ hasText: text }).first().waitFor();
}

/** Chooses a file in the dialog of a window in a browser, once that is open: a path to type, with a list of what lies there. */
export async function chooseFile(bench: Workbench, path: string): Promise<void> {
  const dialog = bench.page.locator('.quick-input-widget');
  const row = (name: string): Locator => dialog.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first();
  const input = dialog.locator('input').first();
  // It takes in a path a little later than the keys: its folder first, whose list then has the file.
  await until(`the dialog in ${dirname(path)}`, async () => {
    await input.fill(`${dirname(path)}/`);
    return (await row(basename(path)).waitFor({ timeout: 3000 }).then(() => true, () => undefined));
  });
  await row(basename(path)).click();
}

/** A picture of the window in each theme, once what is looked at has come. */
export async function inEveryTheme(bench: Workbench, name: string, come: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
  for (const theme of THEMES) {
    await bench.setTheme(theme);
    await come();
    await bench.screenshot(`${name}-${theme}`);
  }
}
