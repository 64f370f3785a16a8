/** The overview in every theme and width: nothing wider than the page, nothing against the accessibility rules, and a picture of each. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { inTime } from '../lib/inTime.ts';
import { axeViolations } from './axe.ts';
import { closeBrowser, openPanel, THEMES } from './harness.ts';
import type { Panel, PanelOptions } from './harness.ts';
import { loaded } from './overviewPage.ts';

let panel: Panel | undefined;
after(closeBrowser);
afterEach(async () => {
  const problems = panel?.problems ?? [];
  await panel?.close();
  panel = undefined;
  assert.deepEqual(problems, [], 'the page had errors');
});

async function open(options: PanelOptions): Promise<Panel> {
  panel = await openPanel('overview', options);
  await loaded(panel);
  return panel;
}

async function runChecks({ page }: Panel): Promise<void> {
  await page.getByRole('button', { name: 'Run checks' }).first().click();
  await page.locator('.verdict').waitFor();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
}

/** No element reaches over the right edge of the page. */
const nothingTooWide = ({ page }: Panel, where: string): Promise<void> => inTime(async () => assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('#root *')]
  .filter((element) => element.checkVisibility() && element.closest('.spoken') === null && element.getBoundingClientRect().right > window.innerWidth + 0.5)
  .map((element) => element.outerHTML.slice(0, 120))), [], `${where}: wider than the page`));

const slug = (theme: string): string => theme.toLowerCase().replaceAll(' ', '-');

for (const [model, width] of [['llama-sdpa-20', 420], ['bert-eager-18', 900], ['gpt2-deep-sdpa-20', 1400]] as const) {
  test(`at ${width} px in four themes, nothing is cut off`, async () => {
    const opened = await open({ model, size: { width, height: 900 } });
    await runChecks(opened);
    for (const theme of THEMES) {
      await opened.setTheme(theme);
      await nothingTooWide(opened, theme);
      await opened.screenshot(`overview-${width}-${slug(theme)}`, { fullPage: true });
    }
  });
}

const cell = (name: string): string => join(import.meta.dirname, '../fixtures/cells', name, 'torch-20.onnx');

for (const name of ['resnet', 'bart', 'mixtral']) {
  test(`${name}, at 420 and 1000 px in four themes: nothing is cut off, and nothing against the rules`, async () => {
    const opened = await open({ model: cell(name) });
    await runChecks(opened);
    for (const width of [420, 1000]) {
      await opened.page.setViewportSize({ width, height: 900 });
      for (const theme of THEMES) {
        await opened.setTheme(theme);
        await nothingTooWide(opened, `${theme} at ${width} px`);
        if (width === 420) assert.deepEqual(await axeViolations(opened.page), [], theme);
        await opened.screenshot(`overview-${name}-${width}-${slug(theme)}`, { fullPage: true });
      }
    }
  });
}

test('in four themes, nothing is against the accessibility rules', async () => {
  const opened = await open({ model: 'llama-eager-18' });
  await runChecks(opened);
  for (const theme of THEMES) {
    await opened.setTheme(theme);
    assert.deepEqual(await axeViolations(opened.page), [], theme);
  }
});

test('with everything wrong at once, open and narrow: still nothing is cut off and nothing against the rules', async () => {
  const opened = await open({
    model: 'gpt2-eager-18', size: { width: 420, height: 900 },
    handlers: (real) => ({
      check: async (params, context) => {
        const report = await real.check(params, context);
        return { ...report, checks: report.checks.map((check, index) => (index % 4 === 1 ? { ...check, maxAbs: NaN, ok: false } : check)), refused: [{ what: 'pattern x v = z at blocks.0', reason: 'The values before the heads are joined were not found as a tensor' }] };
      },
      openSource: () => false,
    }),
  });
  await runChecks(opened);
  const { page } = opened;
  await page.getByRole('button', { name: 'L0', exact: true }).click();
  await page.getByRole('button', { name: 'resid_pre + attn_out = resid_mid' }).click();
  await page.getByRole('button', { name: 'modeling_gpt2.py:211' }).first().click();
  opened.update({ changed: true, engine: { kind: 'failed', error: { code: 'engine-died', what: 'The engine ended five times within a minute', todo: 'Restart it, or look at the log', where: '', detail: 'signal SIGSEGV' } } });
  await page.getByText('five times').waitFor();
  await page.getByText('is not in this workspace').waitFor();
  await page.evaluate(() => window.scrollTo({ top: 0 }));
  for (const theme of THEMES) {
    await opened.setTheme(theme);
    await nothingTooWide(opened, theme);
    assert.deepEqual(await axeViolations(page), [], theme);
    await opened.screenshot(`overview-trouble-${slug(theme)}`, { fullPage: true });
  }
});

/** What has the focus, inside the toolkit's elements too, and whether anything around it is drawn in the focus colour. */
const focused = ({ page }: Panel): Promise<{ readonly what: string; readonly ring: boolean } | null> => page.evaluate(() => {
  const host = document.activeElement;
  if (!host || host === document.body) return null;
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(--vscode-focusBorder)';
  const colour = getComputedStyle(probe).color;
  probe.remove();
  const inner = host.shadowRoot?.activeElement;
  // The toolkit draws the ring of a text field on the part around its input.
  const ring = [host, inner, inner?.parentElement].some((element) => {
    if (!element) return false;
    const style = getComputedStyle(element);
    return (style.outlineStyle !== 'none' && style.outlineColor === colour) || style.borderTopColor === colour;
  });
  return { what: `${host.outerHTML.slice(0, 100)} at ${Math.round(host.getBoundingClientRect().top + window.scrollY)}`, ring };
});

test('the focus is seen on everything that Tab reaches', async () => {
  const opened = await open({ model: 'gpt2-sdpa-20' });
  const seen: string[] = [];
  for (;;) {
    await opened.page.keyboard.press('Tab');
    await opened.heard();
    const at = await focused(opened);
    if (at === null || seen.includes(at.what)) break;
    assert.equal(at.ring, true, `no focus ring on ${at.what}`);
    seen.push(at.what);
  }
  assert.ok(seen.length > 12, `Tab reached only ${seen.length} things: ${seen.join('\n')}`);
});
