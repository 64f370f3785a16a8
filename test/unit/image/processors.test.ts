/** Images as models take them, against what the Python processors made of the same files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSafetensors } from '../../../src/engine/io/safetensors.ts';
import { readProcessor } from '../../../src/engine/image/config.ts';
import { readPicture } from '../../../src/engine/image/decode.ts';
import { fitPicture, pixelsOf } from '../../../src/engine/image/process.ts';

const folder = join(import.meta.dirname, '../../fixtures/images');

/** One step of 255, in the units that the model is given, is what a resized pixel may be off by. */
const STEP = 1;
/** Of every seventh pixel along both edges. */
const SPARSE = 7;

for (const [name, expected] of readSafetensors(readFileSync(join(folder, 'expected.safetensors')))) {
  const [config = '', file = ''] = name.split('/');
  test(`${file} through ${config} is what Python makes of it`, async () => {
    const processor = readProcessor(join(folder, `${config}.json`));
    const { width, height, data } = pixelsOf(fitPicture(await readPicture(join(folder, file)), processor), processor);
    const [, rows = 0, cols = 0] = expected.dims;
    const every = config === 'convnext-large' ? SPARSE : 1;
    assert.deepEqual([Math.ceil(height / every), Math.ceil(width / every)], [rows, cols], 'height and width');
    let [worst, where, off] = [0, '', 0];
    for (let channel = 0, at = 0; channel < 3; channel++) {
      // From the model's units back to 0 to 255.
      const unit = processor.scale / (processor.std[channel] ?? 1);
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < cols; x++, at++) {
          const difference = Math.abs((data[(channel * height + y * every) * width + x * every] ?? NaN) - Number(expected.data[at])) / unit;
          if (difference > 1e-3) off++;
          if (!(difference <= worst)) [worst, where] = [difference, `channel ${channel}, row ${y}, column ${x}`];
        }
      }
    }
    assert.ok(worst <= STEP, `off by ${worst.toFixed(3)} of 255 at ${where}`);
    assert.equal(off, 0, `${off} values are off, by up to ${worst.toFixed(3)} of 255 (${where}), where Pillow's arithmetic is followed exactly`);
  });
}
