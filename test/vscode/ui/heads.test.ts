/** Heads by score, one head large and the lens, in a real VS Code: on the examples' models, and as they look in every theme. */
import { after, before, suite, test } from 'node:test';
import type { Frame } from 'playwright-core';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { MODEL, attention, examples, inEveryTheme, runPrompt, untilPredicts } from './support.ts';

const PROMPT = 'cat milk door piano snow wolf bread cat milk door';
const STORY = 'Lily and Ben went to the park. Ben gave a ball to';

suite('heads and states', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples });
  });
  after(() => bench?.close());

  test('the grid is coloured by induction scores, and in their order the four induction heads come first', async () => {
    await bench.explorerContextMenu(MODEL, 'Open Attention');
    const frame = await attention(bench);
    await runPrompt(frame, PROMPT);
    await untilPredicts(frame, 'piano');
    await frame.locator('.score-pattern').click();
    await frame.locator('.score-pattern vscode-option').getByText('induction', { exact: true }).click();
    await frame.locator('.score-note', { hasText: /^induction on repeated random tokens/ }).waitFor();
    await inEveryTheme(bench, 'grid-by-score');
    await frame.locator('vscode-checkbox', { hasText: 'By score' }).click();
    // The heads that the example's README names.
    await until('the induction heads first', async () => {
      const first = await frame.locator('.ranked-head').evaluateAll((heads) => heads.slice(0, 4).map((head) => (head as HTMLElement).dataset['address']));
      return [...first].sort().join() === 'L1H0,L1H1,L1H3,L1H7' ? true : undefined;
    });
  });

  test('an opened head is zoomed, and shown as what it moves', async () => {
    const frame = await attention(bench);
    await frame.locator('.ranked-head[data-address="L1H1"]').dblclick();
    await frame.locator('.large-view').click();
    await frame.locator('.large-view vscode-option', { hasText: 'value-weighted' }).click();
    await frame.locator('.status-line', { hasText: /norm of what is moved [\d.]+$/ }).waitFor();
    await frame.locator('vscode-button', { hasText: 'Python' }).click();
    await bench.page.getByText('Copied L1H1, value-weighted attention as Python').first().waitFor();
    await frame.locator('.matrix-body').focus();
    await bench.page.keyboard.press('+');
    await frame.locator('.minimap').waitFor();
    await inEveryTheme(bench, 'large-head');
    await bench.page.keyboard.press('0');
  });

  test('the lens reads every state of a story and takes the name’s logit apart', async () => {
    await bench.explorerContextMenu('stories/stories.onnx', 'Open Lens');
    const frame: Frame = await bench.webview('body[data-panel="lens"] .ask-area');
    await frame.locator('vscode-button[aria-label="Run"]:not([disabled])').waitFor({ state: 'attached' });
    await frame.locator('.ask-area textarea').fill(STORY);
    await frame.locator('.ask-token input').first().fill(' Lily');
    await frame.locator('.ask-area textarea').press('Control+Enter');
    await frame.locator('.parts-table tbody tr').first().waitFor();
    await frame.locator('.cell-top', { hasText: /^·Lily/ }).waitFor();
    await frame.locator('.parts-check', { hasText: 'rounding explains up to' }).waitFor();
    await frame.locator('.states').click({ button: 'right' });
    await bench.menuItem('Copy as Python (TransformerLens)');
    await bench.page.getByText('Copied logit lens as Python').first().waitFor();
    await inEveryTheme(bench, 'lens');
  });
});
