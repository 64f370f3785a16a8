import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { startWorkbench } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { MODEL, attention, examples, overview, promptBox, runPrompt, untilPainted } from './support.ts';

suite('a workspace that is not trusted', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, restricted: true });
  });
  after(() => bench?.close());

  test('shows the overview, and what would run the model only as a sentence', async () => {
    await bench.explorerContextMenu(MODEL, 'Inspect Model');
    const frame = await overview(bench);
    assert.equal(await frame.locator('.head').count(), 16);
    assert.equal(await frame.getByText('Run checks').filter({ visible: true }).count(), 0);
    await frame.getByText('this workspace is not trusted').first().waitFor();
  });

  test('opens the attention panel, which takes a prompt and does not run it', async () => {
    await bench.command('Cogscope: Open Attention');
    const frame = await attention(bench);
    await frame.getByText('needs a trusted workspace').waitFor();
    await promptBox(frame).fill('apple river king');
    await promptBox(frame).press('Control+Enter');
    assert.equal(await frame.getByRole('button', { name: 'Run' }).filter({ visible: true }).count(), 0);
    await untilPainted(frame, []);
    await bench.screenshot('restricted');
  });

  test('runs it once it is trusted', async () => {
    const frame = await attention(bench);
    await frame.locator('.notices vscode-button').getByText('Manage workspace trust').click();
    await bench.page.getByRole('button', { name: 'Trust', exact: true }).click();
    await bench.page.keyboard.press('Escape'); // The editor of trust lies over the others.
    await frame.getByText('needs a trusted workspace').waitFor({ state: 'detached' });
    await runPrompt(frame, await promptBox(frame).inputValue());
    await untilPainted(frame, [0, 1]);
  });
});
