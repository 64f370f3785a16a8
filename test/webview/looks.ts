/** What a panel is held to at every width and in every theme. */
import assert from 'node:assert/strict';
import { inTime } from '../lib/inTime.ts';
import { axeViolations } from './axe.ts';
import type { Panel, Theme } from './harness.ts';

export const widths = [420, 900, 1500];

/** A panel never scrolls sideways as a whole. */
const overhang = (panel: Panel): Promise<number> => panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

const cutOff = (panel: Panel, selector: string): Promise<readonly string[]> => panel.page.evaluate((whole) =>
  [...document.querySelectorAll<HTMLElement>(whole)].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > window.innerWidth + 1).map((one) => one.outerHTML.slice(0, 80)), selector);

export interface Look {
  readonly widths?: readonly number[];
  /** Selects what is never cut off at the right, also where its frame would hide that. */
  readonly whole?: string;
}

/** A picture at each width, with nothing beyond the panel and nothing against the accessibility rules. `view` begins with the panel's name. */
export async function lookAt(panel: Panel, view: string, theme: Theme, { widths: wide = widths, whole }: Look = {}): Promise<void> {
  for (const width of wide) {
    await panel.page.setViewportSize({ width, height: 900 });
    await panel.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await inTime(async () => assert.equal(await overhang(panel), 0, `${view} at ${width} px reaches beyond the panel`));
    if (whole !== undefined) await inTime(async () => assert.deepEqual(await cutOff(panel, whole), [], `${view} at ${width} px: cut off at the right`));
    await panel.screenshot(`${view}-${theme.toLowerCase().replaceAll(' ', '-')}-${width}`);
    assert.deepEqual(await axeViolations(panel.page), [], `${view} at ${width} px in ${theme}`);
  }
}
