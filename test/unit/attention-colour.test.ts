/** The scale of attention: OKLab as published, levels, palettes of all kinds of theme. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FLOOR, levelOf, MASKED, NAN_LEVEL, TOP } from '../../webview/lib/color/levels.ts';
import { contrast, cssColour, fromOklab, mix, toOklab } from '../../webview/lib/color/oklab.ts';
import type { Rgb } from '../../webview/lib/color/oklab.ts';
import { makePalette, tintColours } from '../../webview/lib/color/palette.ts';

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];
const blue: Rgb = [0x37, 0x94, 0xff];
const dark = { background: [31, 31, 31] as Rgb, foreground: [204, 204, 204] as Rgb, accent: blue, error: [244, 135, 113] as Rgb, highContrast: false };

suite('colour', () => {
  // CSS Color 4, section 9.2 and its sample code: oklab(0.62796 0.22486 0.12585) is red, and so on.
  const published: readonly (readonly [Rgb, readonly [number, number, number]])[] = [
    [[255, 0, 0], [0.62796, 0.22486, 0.12585]],
    [[0, 255, 0], [0.86644, -0.23389, 0.1795]],
    [[0, 0, 255], [0.45201, -0.03246, -0.31153]],
    [white, [1, 0, 0]],
    [black, [0, 0, 0]],
  ];
  for (const [rgb, lab] of published) {
    test(`${cssColour(rgb)} has the OKLab coordinates that are published`, () => {
      toOklab(rgb).forEach((value, axis) => assert.ok(Math.abs(value - (lab[axis] ?? NaN)) < 1e-4, `axis ${axis}: ${value} is not ${lab[axis]}`));
    });
  }

  test('every colour survives the way to OKLab and back', () => {
    for (let red = 0; red < 256; red += 17) {
      for (let green = 0; green < 256; green += 17) {
        for (let part = 0; part < 256; part += 17) assert.deepEqual(fromOklab(toOklab([red, green, part])), [red, green, part]);
      }
    }
  });

  test('half-way between black and white is the grey of OKLab lightness 0.5, not of 127', () => {
    assert.deepEqual(mix(black, white, 0.5), [99, 99, 99]);
  });

  test('contrast is that of WCAG 2', () => {
    assert.equal(contrast(white, black), 21);
    assert.ok(Math.abs(contrast([0x76, 0x76, 0x76], white) - 4.54) < 0.01);
  });
});

suite('levels', () => {
  test('weights 0 and 1 are the ends, NaN has a level of its own, and more weight is never a lower level', () => {
    for (const scale of ['linear', 'sqrt'] as const) {
      assert.equal(levelOf(0, scale), FLOOR);
      assert.equal(levelOf(1, scale), TOP);
      assert.equal(levelOf(NaN, scale), NAN_LEVEL);
      for (let weight = 0; weight < 1; weight += 0.001) assert.ok(levelOf(weight + 0.001, scale) >= levelOf(weight, scale), `${scale} at ${weight}`);
    }
  });

  test('the square root lifts what is small', () => {
    assert.equal(levelOf(0.25, 'sqrt'), levelOf(0.5, 'linear'));
  });
});

suite('palette', () => {
  test('masked is the background, the floor can be told from it, the top is the accent', () => {
    for (const background of [[31, 31, 31], white, black] as Rgb[]) {
      const { colours } = makePalette({ ...dark, background, foreground: contrast(background, white) > 4 ? white : black });
      assert.deepEqual(colours[MASKED], background);
      assert.notDeepEqual(colours[FLOOR], background);
      assert.deepEqual(colours[TOP], blue);
    }
  });

  test('pixels are the colours, opaque, red first in memory', () => {
    const { colours, pixels } = makePalette(dark);
    const bytes = new Uint8Array(pixels.buffer);
    for (const level of [MASKED, FLOOR, 100, TOP, NAN_LEVEL]) assert.deepEqual([...bytes.subarray(level * 4, level * 4 + 4)], [...(colours[level] ?? []), 255]);
  });

  test('high contrast shows a floor and four solid steps', () => {
    const { colours } = makePalette({ ...dark, background: black, foreground: white, highContrast: true });
    assert.equal(new Set(colours.slice(FLOOR, TOP + 1).map(cssColour)).size, 5);
  });

  test('text on a tinted token keeps a contrast of 4.5, in every theme and at every weight', () => {
    const themes = [dark, { ...dark, background: white, foreground: [0x3b, 0x3b, 0x3b] as Rgb, accent: [0, 0x63, 0xd3] as Rgb }, { ...dark, background: black, foreground: white, highContrast: true }];
    for (const theme of themes) {
      const tint = tintColours(theme, [0xd1, 0x86, 0x16]);
      for (let share = -1; share <= 1; share += 0.05) assert.ok(contrast(tint(share), theme.foreground) >= 4.5, `${cssColour(theme.background)} at ${share}`);
      assert.deepEqual(tint(0), theme.background);
      for (const end of [-1, 1]) assert.notDeepEqual(tint(end), theme.background);
      assert.ok(tint(-1)[0] > tint(-1)[2] && tint(1)[0] < tint(1)[2], 'below 0 is the other colour');
    }
  });
});
