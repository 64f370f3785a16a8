import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Frame } from 'playwright-core';
import { fixtureFolder } from '../../engine/fixtures.ts';
import { cellsFolder } from '../../engine/lib/cells.ts';
import { startWorkbench } from '../harness/workbench.ts';
import type { Workbench } from '../harness/workbench.ts';
import { chooseFile, inEveryTheme, overview, untilPainted } from './support.ts';

const images = join(fixtureFolder, 'images');
const labels = ['tabby cat', 'fox', 'owl', 'trout', 'newt', 'moth', 'great white shark'];

/** A vision transformer as it comes from the hub, and images beside it. */
function workspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogscope-images-'));
  for (const name of ['vit', 'pictures']) mkdirSync(join(folder, name));
  for (const file of ['torch-18.onnx', 'weights.bin']) copyFileSync(join(cellsFolder, 'vit', file), join(folder, 'vit', file));
  copyFileSync(join(images, 'vit.json'), join(folder, 'vit/preprocessor_config.json'));
  writeFileSync(join(folder, 'vit/config.json'), JSON.stringify({ id2label: Object.fromEntries(labels.map((label, id) => [id, label])) }));
  for (const file of ['colour.png', 'cut.png']) copyFileSync(join(images, file), join(folder, 'pictures', file));
  return folder;
}

suite('an image for a vision model', () => {
  const folder = workspace();
  let bench: Workbench;
  before(async () => {
    bench = await startWorkbench({ folder });
  });
  after(async () => {
    await bench?.close();
    rmSync(folder, { recursive: true });
  });

  const panel = (): Promise<Frame> => bench.webview('body[data-panel="attention"] .image');
  const choose = async (frame: Frame, name: string): Promise<void> => {
    await frame.locator('.image vscode-button:not([disabled])').click();
    await chooseFile(bench, join(bench.folder, 'pictures', name));
  };

  test('is chosen in the editor’s own dialog, drawn with its patches, and run', async () => {
    await bench.explorerContextMenu('vit/torch-18.onnx', 'Inspect Model');
    await overview(bench);
    await bench.command('Cogscope: Open Attention');
    const frame = await panel();
    await choose(frame, 'colour.png');
    await frame.locator('.image-name', { hasText: 'colour.png · 32 × 32 as the model sees it' }).waitFor();
    await untilPainted(frame, [0, 1]);
    assert.equal(await frame.getByRole('grid', { name: 'Patches of the image' }).getByRole('gridcell').count(), 17);
    await inEveryTheme(bench, 'image-chosen', () => untilPainted(frame, [0, 1]));
  });

  test('that cannot be read is said, and the one before stays', async () => {
    const frame = await panel();
    await choose(frame, 'cut.png');
    await frame.getByText('The image cannot be read: the PNG is damaged').waitFor();
    assert.match(await frame.locator('.image-name').innerText(), /^colour\.png/);
  });

  test('is there again, and run, when the window is loaded anew', async () => {
    await bench.reload();
    const frame = await panel();
    await frame.locator('.image-name', { hasText: 'colour.png' }).waitFor();
    await untilPainted(frame, [0, 1]);
  });
});
