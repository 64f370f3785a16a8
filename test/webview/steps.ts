/** What tests of any panel do, and the examples that they do it on. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { inTime } from '../lib/inTime.ts';
import type { Panel, PanelHostApi } from './harness.ts';

export const root = join(import.meta.dirname, '../..');
export const induction = join(root, 'examples/induction/induction.onnx');
export const stories = join(root, 'examples/stories/stories.onnx');

/** A promise that somebody else settles. */
export function later(): { readonly promise: Promise<void>; settle(): void } {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

/** Waits until a run has ended, however it did: the first that the panel made, or the one of that number. */
export async function runDone(panel: Panel, serial = 1): Promise<string> {
  const handle = await panel.page.waitForFunction((wanted) => {
    const [number, phase = ''] = (document.querySelector<HTMLElement>('.toolbar-progress')?.dataset['run'] ?? '').split(' ');
    return Number(number) >= wanted && ['done', 'cancelled', 'failed'].includes(phase) && phase;
  }, serial);
  return String(await handle.jsonValue());
}

/** The number of the run that is shown, 0 before the first. */
export async function shownRun(panel: Panel): Promise<number> {
  await panel.heard();
  return Number.parseInt(await panel.page.locator('.toolbar-progress[data-run]').getAttribute('data-run') ?? '', 10);
}

/** Waits until the panel has made these calls of a method, and no others. */
export async function callsAre(panel: Panel, method: keyof PanelHostApi, expected: readonly unknown[], message?: string): Promise<void> {
  await inTime(() => assert.ok(panel.callsOf(method).length >= expected.length, `${method} was called ${panel.callsOf(method).length} times, not ${expected.length}`));
  await panel.heard();
  assert.deepEqual(panel.callsOf(method), expected, message);
}

export interface Saved {
  readonly name: string;
  readonly content: string;
}

/** Presses the button of a format; returns what is saved by it, once the panel says that it is. */
export async function saved(panel: Panel, format: string, buttons = 'vscode-button'): Promise<Saved> {
  const before = panel.callsOf('save').length;
  await panel.page.locator(buttons, { hasText: format }).click();
  const one = await inTime(() => panel.callsOf('save')[before] as Saved | undefined ?? assert.fail(`${format} saved nothing`));
  await statusSays(panel, new RegExp(`^Saved ${one.name.replaceAll('.', '\\.')}`));
  return one;
}

export const status = (panel: Panel): Promise<string> => panel.page.locator('.status-line').innerText();

/** Waits for the status to say something; fails with what it says instead. */
export async function statusSays(panel: Panel, expected: RegExp): Promise<string> {
  await panel.page.waitForFunction((source) => new RegExp(source, 'u').test(document.querySelector('.status-line')?.textContent ?? ''), expected.source)
    .catch(async () => assert.fail(`the status says "${await status(panel)}", not ${String(expected)}`));
  return status(panel);
}

/** Waits for a control to have a value: the toolkit's take theirs over a frame after the panel is drawn. Fails with what it has instead. */
export async function holds(control: Locator, expected: string): Promise<void> {
  const value = (): Promise<string> => control.evaluate((element) => (element as HTMLInputElement).value);
  await control.page().waitForFunction(([element, wanted]) => (element as HTMLInputElement).value === wanted, [await control.elementHandle(), expected] as const)
    .catch(async () => assert.equal(await value(), expected));
}
