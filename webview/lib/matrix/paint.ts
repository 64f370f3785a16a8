/** From levels to pixels. */
import { MASKED } from '../color/levels.ts';
import { pixelOf } from '../color/palette.ts';
import type { Palette } from '../color/palette.ts';
import { itemAt } from '../geometry/axis.ts';
import type { Axis } from '../geometry/axis.ts';
import type { Field } from './field.ts';

/** A window on a field that is drawn `size` pixels tall and wide as a whole. */
export interface Window {
  readonly across: Axis;
  readonly down: Axis;
  /** The first pixel that is seen. */
  readonly left: number;
  readonly top: number;
  /** Pixels that are seen. */
  readonly width: number;
  readonly height: number;
  /** One pixel of background between cells. */
  readonly ruled: boolean;
}

/** Pixels of an image that is `stride` wide. */
export interface Target {
  readonly pixels: Uint32Array;
  readonly stride: number;
  readonly left: number;
  readonly top: number;
}

export const wholeWindow = (field: Field, side: number, ruled = false): Window => ({
  across: { count: field.cols, size: side }, down: { count: field.rows, size: side }, left: 0, top: 0, width: side, height: side, ruled,
});

export function paintField(field: Field, window: Window, palette: Palette, target: Target): void {
  const background = pixelOf(palette.theme.background);
  const columns = items(window.across, window.left, window.width, window.ruled);
  const rows = items(window.down, window.top, window.height, window.ruled);
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y] ?? -1;
    const start = (target.top + y) * target.stride + target.left;
    for (let x = 0; x < columns.length; x++) {
      const col = columns[x] ?? -1;
      const level = row < 0 || col < 0 ? MASKED : field.levels[row * field.cols + col] ?? MASKED;
      const mark = palette.marks.get(level);
      target.pixels[start + x] = mark && !mark.has(x + window.left, y + window.top) ? background : palette.pixels[level] ?? background;
    }
  }
}

/** The item under each pixel; -1 on the line between two. */
function items(axis: Axis, first: number, length: number, ruled: boolean): Int32Array {
  const found = new Int32Array(length);
  for (let at = 0; at < length; at++) {
    const item = itemAt(axis, first + at);
    found[at] = first + at >= axis.size || (ruled && itemAt(axis, first + at + 1) !== item) ? -1 : item;
  }
  return found;
}
