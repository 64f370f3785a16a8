import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { inTime } from '../../lib/inTime.ts';
import { MODEL, examples, inEveryTheme, overview } from './support.ts';

suite('roles of heads', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, size: { width: 1280, height: 800 } });
  });
  after(() => bench?.close());

  test('are named from the Explorer, stand in the Model view, and open as a text with their numbers', async () => {
    await bench.page.locator('.activitybar').getByRole('tab', { name: 'Cogscope' }).waitFor();
    await bench.explorerContextMenu(MODEL, 'Inspect Model');
    await overview(bench);
    await bench.explorerContextMenu('induction/experiments/heads.cogscope.json', 'Name Heads’ Roles…');

    await bench.page.locator('.activitybar').getByRole('tab', { name: 'Cogscope' }).click();
    const tree = bench.page.getByRole('tree', { name: /Model/ });
    const expand = (name: RegExp): Promise<void> => tree.getByRole('treeitem', { name }).locator('.monaco-tl-twistie').click();
    await expand(/^Layer 1/);
    await expand(/^Attention/);
    const named = await until('heads with their roles', async () => {
      const labels = await tree.getByRole('treeitem', { name: /^L1H\d/ }).evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? ''));
      return labels.length === 8 && labels.some((label) => label.includes('induction')) ? labels : undefined;
    });
    assert.deepEqual(named.filter((label) => label.includes('induction')).map((label) => label.slice(0, 4)), ['L1H0', 'L1H1', 'L1H3', 'L1H7']);

    await bench.page.locator('.statusbar-item').filter({ has: bench.page.locator('.codicon-bell, .codicon-bell-dot') }).first().click();
    const told = bench.page.locator('.notifications-center .notification-list-item').filter({ hasText: 'induction.onnx: 6 heads have a role: 2 previous token, 4 induction.' });
    await told.hover();
    await told.getByRole('button', { name: 'Show Numbers' }).click();
    await bench.page.getByRole('tab', { name: /^Preview roles of induction\.onnx\.md/ }).waitFor();
    const text = await bench.webview('.markdown-body h2');
    await inTime(async () => assert.deepEqual((await text.locator('tr').allInnerTexts()).filter((row) => /^L0H2/.test(row)).map((row) => row.split(/\s+/).slice(0, 3)), [['L0H2', 'yes', '0.699,']]));
    await inEveryTheme(bench, 'roles');
  });
});
