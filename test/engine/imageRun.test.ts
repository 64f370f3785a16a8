/** Images in a run: the pixels that the Python processor makes, run through the untouched file, are the truth; positions have the names of their patches. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readPatches } from '../../src/engine/anatomy/patches.ts';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { pixelsInput } from '../../src/engine/methods/imageInput.ts';
import { prepareImage } from '../../src/engine/methods/prepareImage.ts';
import { predictionsAt, runPrompt } from '../../src/engine/methods/run.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { ModelSession } from '../../src/engine/session.ts';
import { CogscopeError } from '../../src/shared/errors.ts';
import type { LayerPatterns, Prompt, RunProgress, RunResult } from '../../src/shared/protocol/engineApi.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder, maxAbs } from './fixtures.ts';
import { modelBeside } from './lib/besideModel.ts';

const scratch = new Scratch();
const images = join(fixtureFolder, 'images');
const photo = join(images, 'photo.jpg');
const expected = readSafetensors(readFileSync(join(images, 'expected.safetensors')));
const labels = ['tabby cat', 'fox', 'owl', 'trout', 'newt', 'moth', 'great white shark'];
const signal = new AbortController().signal;
const nothing: Prompt = { kind: 'ids', ids: [] };

const open = (architecture: string, files: Readonly<Record<string, string>>): Promise<ModelSession> =>
  ModelSession.open(modelBeside(scratch, architecture, files), null, { threads: 1, weightBudget: 1e9 });

const processor = readFileSync(join(images, 'vit.json'), 'utf8');
const config = JSON.stringify({ id2label: Object.fromEntries(labels.map((label, id) => [id, label])) });

async function runImage(session: ModelSession, prompt: Prompt, image: string): Promise<{ readonly result: RunResult; readonly layers: readonly LayerPatterns[] }> {
  const layers: LayerPatterns[] = [];
  const follow = (body: RunProgress): void => {
    if (body.kind === 'stage') layers.push(...body.layers);
  };
  return { result: await runPrompt(session, { prompt, image, patterns: true }, follow, signal), layers };
}

test('an image is prepared as the model sees it, with its patches and their names', async () => {
  const session = await open('vit', { 'preprocessor_config.json': processor });
  const { width, height, rgba, grid, towers } = await prepareImage(session, photo);
  assert.deepEqual(grid, { tower: '', lead: 1, rows: height / 8, cols: width / 8 });
  assert.deepEqual(towers['']?.map(({ text }) => text), ['CLS', ...Array.from({ length: 16 }, (_, at) => `${Math.floor(at / 4)},${at % 4}`)]);
  // Scaled and normalised, the picture is what Python's processor gives the model.
  const pixels = expected.get('vit/photo.jpg');
  const { image_mean: mean, image_std: std } = JSON.parse(processor) as { readonly image_mean: readonly number[]; readonly image_std: readonly number[] };
  assert.ok(pixels);
  const seen = Float32Array.from({ length: width * height * 3 }, (_, at) => {
    const channel = Math.floor(at / (width * height));
    return ((rgba[(at % (width * height)) * 4 + channel] ?? 0) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  });
  assert.ok(maxAbs(seen, toFloat32(pixels)) < 1e-5, 'the picture that is shown is the one that is run');
  await session.close();
});

for (const [architecture, lead] of [['deit', 2], ['dinov2', 1], ['beit', 1]] as const) {
  test(`${architecture}: ${lead} positions stand before the patches`, async () => {
    const exporter = architecture === 'beit' ? 'torchscript' : 'torch-18';
    const session = await ModelSession.open(join(fixtureFolder, 'cells', architecture, `${exporter}.onnx`), null, { threads: 1, weightBudget: 1e9 });
    const pixels = pixelsInput(session);
    assert.ok(pixels);
    assert.equal(readPatches(session.anatomy.towers, pixels, session.types)?.lead, lead);
    await session.close();
  });
}

test('a run on an image streams every head over its patches, and tells classes by their names at every position', async () => {
  const session = await open('vit', { 'preprocessor_config.json': processor, 'config.json': config });
  const { result, layers } = await runImage(session, nothing, photo);
  const pixels = expected.get('vit/photo.jpg');
  assert.ok(pixels);
  const whole = await OrtSession.create({ path: session.model.path }, { optimization: 'all', threads: 1 });
  const output = (await whole.run(new Map([['pixel_values', { ...pixels, dims: [1, ...pixels.dims] }]]), ['logits'])).get('logits');
  await whole.release();
  assert.ok(output);
  const logits = toFloat32(output);
  const byLogit = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
  assert.deepEqual(result.predictions?.top.map(({ text }) => text), byLogit.map((id) => labels[id]));
  assert.deepEqual(await predictionsAt(session, session.runs.get(result.run), 5, 10), result.predictions);
  assert.deepEqual(layers.map(({ layer, heads, rows, cols }) => [layer, heads, rows, cols]), [[0, 4, 17, 17], [1, 4, 17, 17]]);
  assert.equal(result.towers['']?.length, 17);
  await session.close();
});

test('two towers take an image and a prompt together, and a head that pools has its probe as the one that attends', async () => {
  for (const architecture of ['clip', 'siglip']) {
    const session = await open(architecture, { 'preprocessor_config.json': processor });
    const { result, layers } = await runImage(session, { kind: 'ids', ids: [5, 6, 7, 2] }, photo);
    const lead = architecture === 'clip' ? 1 : 0;
    assert.deepEqual([result.towers['text']?.length, result.towers['vision']?.length], [4, lead + 16], architecture);
    const pool = layers.find(({ tower }) => tower === 'pool.');
    assert.deepEqual(pool && [pool.attention, pool.rows, pool.cols], architecture === 'clip' ? undefined : ['cross', 1, 16]);
    assert.deepEqual(result.towers['pool']?.map(({ text }) => text), architecture === 'clip' ? undefined : ['probe']);
    await session.close();
  }
});

test('what is no image, and a model that nobody told how to prepare one, say so in one sentence each', async () => {
  const session = await open('vit', { 'preprocessor_config.json': processor });
  const text = scratch.write('notes.png', new TextEncoder().encode('not a picture'));
  const huge = scratch.write('huge.png', withSize(readFileSync(join(images, 'small.png')), 60_000, 60_000));
  const cases: readonly (readonly [string, RegExp])[] = [
    [text, /^The image cannot be read: it is neither PNG nor JPEG$/],
    [join(images, 'moving.gif'), /^The image cannot be read: it is a GIF file$/],
    [huge, /^The image cannot be read: it has 60000 by 60000 pixels, which are too many$/],
    [scratch.path('gone.jpg'), /^The image cannot be opened$/],
  ];
  for (const [path, says] of cases) {
    for (const asked of [prepareImage(session, path), runImage(session, nothing, path)]) await assert.rejects(asked, (error) => error instanceof CogscopeError && says.test(error.data.what), path);
  }
  await assert.rejects(runPrompt(session, { prompt: nothing, patterns: true }, () => undefined, signal), /This model takes an image, and none is given/);
  await session.close();
  const bare = await open('vit', {});
  await assert.rejects(prepareImage(bare, photo), /There is no preprocessor_config\.json beside the model/);
  await bare.close();
});

/** The size that a PNG says it has. */
function withSize(png: Buffer, width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(png);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}
