import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Frame } from 'playwright-core';
import { cogscope } from '../../engine/lib/cogscope.ts';
import { startWorkbench, until } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { chooseFile, examples, inEveryTheme, untilHolds } from './support.ts';

const sentences = ['Lily and Ben went to the park. "Look at the big dog," said Lily.', 'Tom had 3 apples and 12 pears. He gave one to Anna.', '"Can I play too?" asked the boy. They were happy and went home.'];
const texts = Array.from({ length: 40 }, (_, at) => Array.from({ length: 3 }, (__, part) => sentences[(at + part * (1 + (at % 2))) % sentences.length]).join(' ')).join('\n\n');
/** Alone in its line: a pointer in the middle of the line is on it. */
const notes = '# Notes\n\nL2N7\n\nfires on more than one thing.\n';
const code = 'def neurons(model, x):\n    h = model.blocks[2].mlp(x)\n    return h\n';

suite('neurons in the editor', () => {
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder: examples, size: { width: 1280, height: 800 }, settings: { 'workbench.hover.delay': 100 } });
    for (const [name, content] of Object.entries({ 'stories/texts.txt': texts, 'stories/notes.md': notes, 'stories/look.py': code })) {
      const path = join(bench.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  });
  after(() => bench?.close());

  const quickPick = (text: string | RegExp) => bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
  const panel = (): Promise<Frame> => bench.webview('body[data-panel="neurons"] .neuron');
  const open = async (name: string): Promise<void> => {
    await (await bench.explorerItem(`stories/${name}`)).dblclick();
    await bench.page.getByRole('tab', { name: new RegExp(`^${name.replace('.', '\\.')}`) }).first().waitFor();
  };

  /** The hover over a word, which may have to be asked for again while the index is held against the model. */
  const hoverWith = (word: string, text: RegExp): Promise<true> => until(`a hover over ${word}`, async () => {
    await bench.page.mouse.move(5, 5);
    await bench.page.locator('.view-line span').filter({ hasText: word }).last().hover();
    const hover = bench.page.locator('.monaco-hover:visible').filter({ hasText: text });
    return (await hover.first().waitFor({ timeout: 2000 }).then(() => true, () => false)) ? true : undefined;
  });

  test('are indexed from the model’s own menu: texts are picked, size and time foretold, and the end is told', async () => {
    await bench.explorerContextMenu('stories/stories.onnx', 'Inspect Model');
    await bench.webview('body[data-panel="overview"] .head');
    await bench.explorerContextMenu('stories/stories.onnx', 'Index Neurons…');
    await quickPick('texts.txt').locator('input[type="checkbox"], .monaco-checkbox').first().click();
    await bench.screenshot('neurons-pick');
    await bench.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await quickPick(/4,096 neurons and 32 heads of 4 layers/).waitFor();
    await quickPick(/tokens of 1 file take/).waitFor();
    await bench.screenshot('neurons-forecast');
    await bench.page.keyboard.press('Enter');
    await bench.page.getByText(/4,096 neurons indexed over [\d,]+ tokens/).first().waitFor({ timeout: 120_000 });
    await bench.command('Notifications: Clear All Notifications');
  });

  test('say on hover, in any file, what fires them', async () => {
    await open('notes.md');
    await hoverWith('L2N7', /Fires on/);
    await inEveryTheme(bench, 'neurons-hover', () => hoverWith('L2N7', /Fires on/));
  });

  test('have their layer’s summary above lines of Python', async () => {
    await open('look.py');
    const lens = bench.page.locator('.codelens-decoration a').filter({ hasText: /Layer 2: 1,024 neurons, .*fire on .*% of tokens/ }).first();
    await lens.waitFor();
    await inEveryTheme(bench, 'neurons-lens', () => lens.waitFor());
  });

  test('open in a panel that runs what is typed, and is there again when the window is loaded anew', async () => {
    await bench.command('Cogscope: Open Neuron…');
    const input = bench.page.locator('.quick-input-widget input').first();
    await input.fill('L2N99999');
    await bench.page.getByText('Layer 2 has 1,024 neurons').waitFor();
    await input.fill('L2N7');
    await bench.page.keyboard.press('Enter');
    const frame = await panel();
    await frame.locator('.example').first().waitFor();
    await frame.locator('.live-area textarea').fill('"Look," said Lily.');
    await frame.locator('.live .token').nth(3).waitFor();
    await inEveryTheme(bench, 'neurons-panel');
    await bench.written('cogscope.neurons', 'L2N7');
    await bench.reload();
    const again = await panel();
    await again.locator('.example').first().waitFor();
    await untilHolds(again.locator('.neuron-address'), 'L2N7');
    await untilHolds(again.locator('.live-area textarea'), '"Look," said Lily.');
  });

  const inTree = (name: RegExp) => bench.page.getByRole('tree', { name: /Model/ }).getByRole('treeitem', { name });
  const unfold = async (...names: readonly RegExp[]): Promise<void> => {
    for (const name of names) if ((await inTree(name).getAttribute('aria-expanded')) !== 'true') await inTree(name).locator('.monaco-tl-twistie').click();
  };

  test('stand in the Model view: how their index stands, and the clearest of each layer', async () => {
    await bench.page.locator('.activitybar').getByRole('tab', { name: 'Cogscope' }).click();
    await unfold(/^Neuron index, [\d,]+ tokens, /);
    await inTree(/^[\d,]+ tokens of .*texts\.txt/).waitFor();
    await unfold(/^Layer 2/, /^MLP/, /^Clearest/);
    await inTree(/^L2N\d+, ./).first().waitFor();
    await inEveryTheme(bench, 'neurons-tree');
  });

  const database = (): string => join(bench.folder, '.cogscope/stories/stories.onnx.neurons.db');
  const list = (name: string, description: string): string => {
    const path = join(bench.folder, 'stories', name);
    writeFileSync(path, JSON.stringify([{ address: 'L2N7', description }]));
    return path;
  };

  test('take what others say of them from the menu of their index', async () => {
    const path = list('theirs.json', 'names of children');
    await inTree(/^Neuron index/).click({ button: 'right' });
    await bench.menuItem('Import Neuron Descriptions…');
    await chooseFile(bench, path);
    await bench.page.getByText(/stories\.onnx: imported 1 description of 1 neuron\./).first().waitFor();
  });

  test('have an index that says when it is stale, and is made again only when that is chosen', async () => {
    const before = readFileSync(database());
    appendFileSync(join(bench.folder, 'stories/tokenizer.json'), '\n');
    await bench.command('Cogscope: Reload Model');
    await inTree(/^Neuron index, stale/).waitFor();
    await inEveryTheme(bench, 'neurons-tree-stale');
    await inTree(/^Neuron index, stale/).click();
    await quickPick('Make it again').waitFor();
    assert.equal(await bench.page.locator('.quick-input-widget input').first().getAttribute('placeholder'), 'The tokenizer changed since the index was made: nothing can be read from it');
    await bench.screenshot('neurons-pick-stale');
    await bench.page.keyboard.press('Escape');
    await quickPick('Make it again').waitFor({ state: 'hidden' });
    assert.ok(before.equals(readFileSync(database())), 'the index was touched without being asked for');

    await inTree(/^Neuron index, stale/).click();
    // By keyboard: the tree's hover may lie over the rows.
    for (const row of ['Make it again', 'Make the index again']) {
      await quickPick(row).waitFor();
      await bench.page.keyboard.press('Enter');
    }
    await inTree(/^Neuron index, [\d,]+ tokens, /).waitFor({ timeout: 120_000 });
  });

  test('open from the Model view', async () => {
    await unfold(/^Layer 2/, /^MLP/, /^Clearest/);
    await inTree(/^L2N\d+, ./).first().waitFor();
    const label = (await inTree(/^L2N\d+, ./).first().getAttribute('aria-label')) ?? '';
    await inTree(/^L2N\d+, ./).first().click();
    const frame = await panel();
    await untilHolds(frame.locator('.neuron-address'), /^L2N\d+/.exec(label)?.[0] ?? 'a neuron of the list');
  });

  test('are shown as another program leaves their index: in the panel, and in the Model view', async () => {
    await bench.command('Cogscope: Open Neuron…');
    await bench.page.locator('.quick-input-widget input').first().fill('L2N7');
    await bench.page.keyboard.press('Enter');
    const frame = await panel();
    // Kept from the index that was made again.
    await frame.getByText('names of children').waitFor();
    const { code, stderr } = await cogscope('neurons', 'import', list('later.json', 'said at a terminal'), '--db', database());
    assert.equal(code, 0, stderr);
    await frame.getByText('said at a terminal').waitFor();
    rmSync(database());
    await inTree(/^Neuron index, none yet/).waitFor();
    await frame.getByText('What a neuron fires on is told from texts of yours').waitFor();
  });

  test('are offered the texts of the last time, each once', async () => {
    await inTree(/^Neuron index, none yet/).click();
    const rows = bench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'texts.txt' });
    // Chosen a little later than listed.
    await bench.page.locator('.quick-input-list .monaco-list-row[aria-checked="true"]').filter({ hasText: 'texts.txt' }).first().waitFor();
    assert.equal(await rows.count(), 1);
    await bench.page.keyboard.press('Escape');
  });
});
