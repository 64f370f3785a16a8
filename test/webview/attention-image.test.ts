/** Images in the attention panel: chosen, prepared as the model sees them, run, and lit by what a patch attends to. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { LayerPatterns, RunProgress } from '../../src/shared/protocol/engineApi.ts';
import { fixtureFolder } from '../engine/fixtures.ts';
import { modelBeside } from '../engine/lib/besideModel.ts';
import { Scratch } from '../lib/scratch.ts';
import { inTime } from '../lib/inTime.ts';
import { openAttention, type } from './attentionPanel.ts';
import { closeBrowser, THEMES } from './harness.ts';
import type { Panel } from './harness.ts';
import { lookAt } from './looks.ts';
import { callsAre, runDone, saved } from './steps.ts';

after(closeBrowser);

const scratch = new Scratch();
const images = join(fixtureFolder, 'images');
const photo = join(images, 'photo.jpg');
const labels = ['tabby cat', 'fox', 'owl', 'trout', 'newt', 'moth', 'great white shark'];
const besides = { 'preprocessor_config.json': readFileSync(join(images, 'vit.json'), 'utf8'), 'config.json': JSON.stringify({ id2label: Object.fromEntries(labels.map((label, id) => [id, label])) }) };

const modelFolder = (architecture: string, files: Readonly<Record<string, string>>): string => modelBeside(scratch, architecture, files);

const vit = modelFolder('vit', besides);
const chooseButton = (panel: Panel) => panel.page.locator('.image vscode-button');
const map = (panel: Panel) => panel.page.getByRole('grid', { name: 'Patches of the image' });
const veils = (panel: Panel, label: string): Promise<readonly number[]> =>
  panel.page.getByRole('grid', { name: label }).locator('.patches-cell').evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).style.getPropertyValue('--veil'))));

/** The panel on a model, with what its runs bring. */
async function openImages(model: string, chosen: readonly string[]): Promise<{ readonly panel: Panel; readonly layers: LayerPatterns[] }> {
  const layers: LayerPatterns[] = [];
  const panel = await openAttention({
    model, images: chosen,
    handlers: (real) => ({
      run: (params, context) => real.run(params, {
        ...context,
        progress: (body) => {
          const told = body as RunProgress;
          if (told.kind === 'stage') layers.push(...told.layers);
          context.progress(body);
        },
      }),
    }),
  });
  return { panel, layers };
}

suite('an image in place of a prompt', () => {
  test('it is drawn as the model sees it with its patches, runs at once, and classes have their names', async () => {
    const { panel, layers } = await openImages(vit, [photo]);
    await chooseButton(panel).waitFor();
    await panel.page.locator('.prompt-area').waitFor({ state: 'hidden' });
    await chooseButton(panel).click();
    await runDone(panel);
    await panel.page.locator('.image-name', { hasText: /^photo\.jpg · 32 × 32 as the model sees it$/ }).waitFor();
    assert.deepEqual(await map(panel).getByRole('gridcell').evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label'))), ['CLS', ...Array.from({ length: 16 }, (_, at) => `patch ${Math.floor(at / 4)},${at % 4}`)]);
    assert.deepEqual(panel.callsOf('run').map((params) => (params as { readonly image?: string }).image), ['1'], 'the panel knows the image by its number alone');
    await inTime(async () => assert.deepEqual([...new Set(await panel.page.locator('.predictions-token').allInnerTexts())].sort(), [...labels].sort()));
    assert.equal(layers.length, 2);
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('the patches that the chosen one attends to are lit in the measure of their weights, by mouse and keyboard', async () => {
    const { panel, layers } = await openImages(vit, [photo]);
    await chooseButton(panel).click();
    await runDone(panel);
    await panel.page.locator('[data-address=L1H2]').click();
    const row = (layer: number, head: number, dest: number): readonly number[] => {
      const { weights, keys, rows, perRow } = layers.find((one) => one.layer === layer) as LayerPatterns;
      const dense = Array.from({ length: 17 }, () => 0);
      for (let slot = 0; slot < perRow; slot++) dense[keys[(head * rows + dest) * perRow + slot] ?? -1] = weights[(head * rows + dest) * perRow + slot] ?? NaN;
      return dense;
    };
    const lit = async (label: string, expected: readonly number[]): Promise<void> => {
      await inTime(async () => {
        const found = await veils(panel, label);
        for (const [at, weight] of expected.slice(1).entries()) assert.ok(Math.abs((found[at] ?? NaN) - 0.86 * (1 - Math.sqrt(weight))) < 1e-3, `${label}: patch ${at} is lit by ${weight}`);
      });
    };
    await lit('Patches of the image', row(1, 2, 0));
    await map(panel).getByRole('gridcell', { name: 'patch 1,2' }).click();
    await lit('Patches of the image', row(1, 2, 1 + 6));
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('ArrowLeft');
    await lit('Patches of the image', row(1, 2, 1 + 9));
    await inTime(async () => assert.match(await panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''), /^patch 2,1, /));
    await panel.page.locator('[data-address=L1H2]').press('Enter');
    await lit('What the chosen token attends to', row(1, 2, 1 + 9));
    await lit('What attends to the chosen token', Array.from({ length: 17 }, (_, dest) => row(1, 2, dest)[10] ?? NaN));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('after a reload the image is there and its run is made again', async () => {
    const { panel } = await openImages(vit, [photo]);
    await chooseButton(panel).click();
    await runDone(panel);
    await panel.reload();
    await runDone(panel);
    await inTime(async () => assert.equal(await map(panel).getByRole('gridcell').count(), 17));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('its numbers are saved with the names of patches', async () => {
    const panel = await openAttention({ model: vit, images: [photo] });
    await chooseButton(panel).click();
    await runDone(panel);
    await panel.page.locator('[data-address=L0H1]').press('Enter');
    assert.match((await saved(panel, 'CSV')).content, /^address,destination,destination_token,source,source_token,weight\r\nL0H1,0,CLS,0,CLS,[\d.e-]+\r\nL0H1,0,CLS,1,"0,0",/);
    await panel.close();
  });
});

suite('an image beside a prompt', () => {
  test('two towers run together; the picture is lit for heads of the vision tower, the words for those of the text', async () => {
    const { panel } = await openImages(modelFolder('clip', besides), [photo]);
    await chooseButton(panel).click();
    await panel.page.locator('.patches-cell').first().waitFor();
    await callsAre(panel, 'run', [], 'the prompt is still missing');
    await type(panel, '5, 6, 7, 2');
    await panel.page.keyboard.press('Control+Enter');
    await runDone(panel);
    await panel.page.locator('[data-address="vision.L1H2"]').click();
    await panel.page.locator('.image-caption', { hasText: '17 positions, patches by row and column · lit by what CLS attends to in vision.L1H2' }).waitFor();
    await panel.page.locator('[data-address="text.L1H2"]').click();
    await panel.page.locator('.prompt .token[aria-selected=true]').waitFor();
    await inTime(async () => assert.ok((await veils(panel, 'Patches of the image')).every((veil) => veil === 0), 'nothing is lit by another tower’s head'));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });

  test('SigLIP: the learnt query of the head that pools attends to patches', async () => {
    const { panel } = await openImages(modelFolder('siglip', besides), [photo]);
    await chooseButton(panel).click();
    await panel.page.locator('.patches-cell').first().waitFor();
    await type(panel, '5, 6, 7, 2');
    await panel.page.keyboard.press('Control+Enter');
    await runDone(panel);
    await panel.page.locator('[data-address="pool.L0X1"]').press('Enter');
    await panel.page.locator('.large-strip-head', { hasText: 'probe @0 attends to' }).waitFor();
    await inTime(async () => assert.equal(await panel.page.getByRole('grid', { name: 'What the chosen token attends to' }).locator('.patches-cell').count(), 16));
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
});

test('what is wrong with an image is said in one sentence, and the one before stays', async () => {
  const notes = scratch.write('notes.png', 'not a picture');
  const says = (panel: Panel, text: string): Promise<void> => panel.page.locator('.prompt-problem', { hasText: text }).waitFor();
  const { panel } = await openImages(vit, [photo, notes, join(images, 'moving.gif')]);
  await panel.page.getByRole('button', { name: 'Run', exact: true }).click();
  await says(panel, 'No image is chosen. Choose one.');
  await chooseButton(panel).click();
  await runDone(panel);
  await chooseButton(panel).click();
  await says(panel, 'The image cannot be read: it is neither PNG nor JPEG');
  await chooseButton(panel).click();
  await says(panel, 'it is a GIF file');
  await panel.page.locator('.image-name', { hasText: /^photo\.jpg/ }).waitFor();
  await panel.close();
  const bare = await openImages(modelFolder('vit', {}), [photo]);
  await chooseButton(bare.panel).click();
  await says(bare.panel, 'There is no preprocessor_config.json beside the model or up to two folders above it');
  await bare.panel.close();
});

for (const theme of THEMES) {
  test(`${theme}: image and opened head, at 420 and 1000 px`, async () => {
    const panel = await openAttention({ model: vit, images: [photo], theme, size: { width: 1000, height: 900 } });
    await chooseButton(panel).click();
    await runDone(panel);
    await panel.page.locator('[data-address=L1H2]').click();
    await panel.page.mouse.move(1, 1);
    await lookAt(panel, 'attention-image-grid', theme, { widths: [420, 1000] });
    await panel.page.locator('[data-address=L1H2]').press('Enter');
    await panel.page.getByRole('grid', { name: 'What attends to the chosen token' }).waitFor();
    await lookAt(panel, 'attention-image-head', theme, { widths: [420, 1000] });
    assert.deepEqual(panel.problems, []);
    await panel.close();
  });
}
