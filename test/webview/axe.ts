/** axe-core in a page: what it finds against the accessibility guidelines, one line a finding. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const source = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly any: readonly { readonly message: string }[] }[];
}

/** `rule: what it asks, at ELEMENT (why)` for each element that breaks a rule. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { readonly axe: { run(context: Document): Promise<{ violations: Violation[] }> } };
    return (await axe.run(document)).violations;
  });
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, any }) => `${id}: ${help}, at ${html.slice(0, 160)} (${any.map((check) => check.message).join('; ')})`));
}
