/** Reading the overview as a person does. */
import type { Locator, Page } from 'playwright-core';
import type { Panel } from './harness.ts';

/** Resolves when the model and its addresses are on the page. */
export async function loaded({ page }: Panel): Promise<void> {
  await page.locator('.filter [role=status]').filter({ hasText: /./ }).or(page.locator('.error-page')).or(page.locator('.empty')).first().waitFor();
}

/** The figure beside a term. */
export const figureOf = (page: Page, list: string, term: string): Promise<string> =>
  page.locator(`dl[aria-label="${list}"] > div`).filter({ has: page.getByText(term, { exact: true }) }).locator('dd').innerText();

/** The texts of the rows that are seen, without the head. */
export const rowTexts = (table: Locator): Promise<readonly (readonly string[])[]> =>
  table.locator('tr').evaluateAll((rows) => rows
    .filter((row) => row.checkVisibility() && row.closest('thead') === null)
    .map((row) => [...row.querySelectorAll<HTMLElement>('th, td')].map((cell) => cell.innerText.trim())));
