/** Images and configs that are not read: one sentence each, with the file it is about. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readProcessor } from '../../../src/engine/image/config.ts';
import { readPicture } from '../../../src/engine/image/decode.ts';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { Scratch } from '../../lib/scratch.ts';

const folder = join(import.meta.dirname, '../../fixtures/images');
const scratch = new Scratch();

const bad: readonly (readonly [string, string])[] = [
  ['cut.jpg', 'The image cannot be read: the JPEG is damaged'],
  ['cut.png', 'The image cannot be read: the PNG is damaged'],
  ['print.jpg', 'The image cannot be read: its colours are neither RGB nor grey'],
  ['deep.png', 'The image cannot be read: it has 16 bits a channel, and models are given 8'],
  ['moving.gif', 'The image cannot be read: it is a GIF file'],
  ['vit.json', 'The image cannot be read: it is neither PNG nor JPEG'],
  ['nowhere.png', 'The image cannot be opened'],
];
for (const [file, what] of bad) {
  test(`${file} is refused: ${what}`, async () => {
    const path = join(folder, file);
    await assert.rejects(readPicture(path), (error) => {
      assert.ok(error instanceof CogscopeError, String(error));
      assert.equal(error.data.what, what);
      assert.equal(error.data.where, path);
      assert.equal(error.code, 'unreadable');
      assert.notEqual(error.data.todo, '');
      return true;
    });
  });
}

test('an image after a damaged one is read as if nothing had been', async () => {
  await assert.rejects(readPicture(join(folder, 'cut.jpg')));
  const { width, height } = await readPicture(join(folder, 'photo.jpg'));
  assert.deepEqual([width, height], [91, 70]);
});

test('a PNG of which any byte of the pixels has changed is refused', async () => {
  const good = readFileSync(join(folder, 'small.png'));
  const name = good.indexOf('IDAT');
  const end = name + 4 + good.readUInt32BE(name - 4);
  const path = scratch.path('changed.png');
  for (let at = name + 4; at < end; at++) {
    const changed = Uint8Array.from(good, (byte, index) => (index === at ? byte ^ 1 : byte));
    writeFileSync(path, changed);
    await assert.rejects(readPicture(path), /the PNG is damaged/, `byte ${at}`);
  }
});

test('a header that claims billions of pixels is refused before memory is taken', async () => {
  const path = scratch.path('claims.png');
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452000f4240000f42400802000000', 'hex');
  writeFileSync(path, header);
  await assert.rejects(readPicture(path), /too many/);
});

const configs: readonly (readonly [string, unknown, RegExp])[] = [
  ['a processor that is not known', { image_processor_type: 'FuyuImageProcessor' }, /prepared by FuyuImageProcessor/],
  ['a processor without a name', {}, /a processor that its file does not name/],
  ['the name of an object’s own member', { image_processor_type: 'constructorImageProcessor' }, /prepared by constructor/],
  ['a size with another key', { image_processor_type: 'CLIPImageProcessor', size: { longest_edge: 20 } }, /"size" is/],
  ['a size that is no whole number', { image_processor_type: 'ViTImageProcessor', size: 0.5 }, /"size" is 0.5/],
  ['a filter that is not known', { image_processor_type: 'ViTImageProcessor', resample: 9 }, /"resample" is 9/],
  ['means of two channels', { image_processor_type: 'ViTImageProcessor', image_mean: [0, 1] }, /"image_mean" is/],
  ['a crop that its processor has from some version on', { image_processor_type: 'ViTImageProcessor', do_center_crop: true }, /"do_center_crop" is true/],
  ['padding', { image_processor_type: 'CLIPImageProcessor', do_pad: true }, /"do_pad" is true/],
  ['no size where versions differ in it', { image_processor_type: 'BeitImageProcessor', do_center_crop: false }, /"size" is left out/],
  ['no filter where versions differ in it', { image_processor_type: 'ConvNextFeatureExtractor', size: 224 }, /"resample" is left out/],
  ['a flag that is none', { image_processor_type: 'ViTImageProcessor', do_resize: 'yes' }, /"do_resize" is "yes"/],
];
for (const [name, json, pattern] of configs) {
  test(`a config with ${name} is refused`, () => {
    const path = scratch.path('preprocessor_config.json');
    writeFileSync(path, JSON.stringify(json));
    assert.throws(() => readProcessor(path), (error) => error instanceof CogscopeError && pattern.test(error.data.what) && error.data.where === path);
  });
}

test('a config that is no JSON is unreadable', () => {
  const path = scratch.path('broken.json');
  writeFileSync(path, '{"size": ');
  assert.throws(() => readProcessor(path), (error) => error instanceof CogscopeError && error.code === 'unreadable');
});
