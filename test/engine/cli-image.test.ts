/** Images on the command line: the pixels that the Python processor makes, run through the untouched file, are the truth. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { OrtSession } from '../../src/engine/ort/session.ts';
import { toFloat32 } from '../../src/engine/ort/tensor.ts';
import { Scratch } from '../lib/scratch.ts';
import { fixtureFolder, maxAbs } from './fixtures.ts';
import { modelBeside } from './lib/besideModel.ts';
import { cogscope, json } from './lib/cogscope.ts';

const scratch = new Scratch();
const images = join(fixtureFolder, 'images');
const photo = join(images, 'photo.jpg');
const expected = readSafetensors(readFileSync(join(images, 'expected.safetensors')));
const labels = ['tabby cat', 'fox', 'owl', 'trout', 'newt', 'moth', 'great white shark'];

const modelFolder = (architecture: string, files: Readonly<Record<string, string>>): string => modelBeside(scratch, architecture, files);

const processor = readFileSync(join(images, 'vit.json'), 'utf8');
const config = JSON.stringify({ id2label: Object.fromEntries(labels.map((label, id) => [id, label])) });
const vit = modelFolder('vit', { 'preprocessor_config.json': processor, 'config.json': config });

test('an image gives the classes that the file gives for the pixels that Python makes of it, by their names', async () => {
  const pixels = expected.get('vit/photo.jpg');
  assert.ok(pixels);
  const whole = await OrtSession.create({ path: vit }, { optimization: 'all', threads: 1 });
  const output = (await whole.run(new Map([['pixel_values', { ...pixels, dims: [1, ...pixels.dims] }]]), ['logits'])).get('logits');
  await whole.release();
  assert.ok(output);
  const logits = toFloat32(output);
  const out = scratch.path('taps.safetensors');
  const result = await json('run', vit, '--image', photo, '--top', '7', '--tap', 'blocks.*.attn.hook_pattern', '--out', out) as {
    readonly tokens: readonly unknown[]; readonly images: readonly string[];
    readonly predictions: readonly (readonly { readonly position: number; readonly top: readonly { readonly id: number; readonly text: string; readonly logit: number }[] }[])[];
  };
  assert.deepEqual([result.tokens, result.images], [[[]], [photo]]);
  const [[prediction] = []] = result.predictions;
  assert.equal(prediction?.position, 0);
  const byLogit = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
  assert.deepEqual(prediction.top.map(({ id, text }) => [id, text]), byLogit.map((id) => [id, labels[id]]));
  const written = readSafetensors(readFileSync(out));
  const kept = written.get('logits');
  assert.ok(kept && maxAbs(toFloat32(kept), logits) < 5e-5, 'the logits written are those of the untouched file');
  assert.deepEqual(written.get('blocks.1.attn.hook_pattern')?.dims, [1, 4, 17, 17], 'sixteen patches and the class token attend to each other');
});

test('two images are two rows, each run alone', async () => {
  const { taps, predictions } = await json('run', vit, '--image', photo, '--image', join(images, 'small.png'), '--tap', 'blocks.0.hook_resid_post') as { readonly taps: Record<string, { readonly shape: readonly number[] }>; readonly predictions: readonly unknown[] };
  assert.deepEqual([taps['blocks.0.hook_resid_post']?.shape, predictions.length], [[2, 17, 32], 2]);
});

test('the checks hold on an image that is given, and on made-up pixels', async () => {
  for (const given of [['--image', photo], []]) {
    const { checks, refused } = await json('inspect', vit, '--check', ...given) as { readonly checks: readonly { readonly ok: boolean }[]; readonly refused: readonly unknown[] };
    assert.ok(checks.length > 10 && checks.every((check) => check.ok), JSON.stringify(checks));
    assert.deepEqual(refused, []);
  }
});

test('a channel of a convolution is one tap, and classes without names have numbers', async () => {
  const resnet = modelFolder('resnet', { 'preprocessor_config.json': processor });
  const { taps, predictions } = await json('run', resnet, '--image', photo, '--tap', 'model.layer1.0.conv2', '--tap', 'model.layer1.0.conv2:3') as {
    readonly taps: Record<string, { readonly shape: readonly number[]; readonly max: number }>; readonly predictions: readonly (readonly { readonly top: readonly { readonly text: string }[] }[])[];
  };
  assert.deepEqual(Object.entries(taps).map(([name, { shape }]) => [name, shape]), [['model.layer1.0.conv2', [1, 8, 8, 8]], ['model.layer1.0.conv2:3', [1, 8, 8]]]);
  assert.match(predictions[0]?.[0]?.top[0]?.text ?? '', /^class \d$/);
});

const refusals: readonly { readonly name: string; readonly args: readonly string[]; readonly exit: number; readonly says: RegExp }[] = [
  { name: 'a channel that is not there', args: ['run', modelFolder('resnet', { 'preprocessor_config.json': processor }), '--image', photo, '--tap', 'model.conv1:8'], exit: 2, says: /^cogscope: There is no channel 8 at "model.conv1:8"\. Choose 0 to 7\./ },
  { name: 'a position in a channel', args: ['run', modelFolder('resnet', { 'preprocessor_config.json': processor }), '--image', photo, '--tap', 'model.conv1@2'], exit: 2, says: /asks for one position of a tensor that has none/ },
  { name: 'a damaged image', args: ['run', vit, '--image', join(images, 'cut.jpg')], exit: 3, says: /^cogscope: The image cannot be read: the JPEG is damaged \(.*cut\.jpg\)\./ },
  { name: 'no preprocessor_config.json', args: ['run', modelFolder('vit', {}), '--image', photo], exit: 2, says: /There is no preprocessor_config\.json beside the model/ },
  { name: 'images of another size', args: ['run', modelFolder('vit', { 'preprocessor_config.json': readFileSync(join(images, 'siglip.json'), 'utf8') }), '--image', photo], exit: 4, says: /Prepared images are 3 × 24 × 40/ },
  { name: '--image without --check', args: ['inspect', vit, '--image', photo], exit: 2, says: /--image is for --check/ },
];
for (const { name, args, exit, says } of refusals) {
  test(`${name} ends with ${exit} and one sentence`, async () => {
    const { code, stdout, stderr } = await cogscope(...args, '--quiet');
    assert.deepEqual([code, stdout], [exit, '']);
    assert.match(stderr, says);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  });
}
