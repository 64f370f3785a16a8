/** From levels to pixels. */
import { MASKED } from '../color/levels.ts';
import { pixelOf } from '../color/palette.ts';
import type { Mark, Palette } from '../color/palette.ts';
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
  const columns = items(window.across, window.left, window.width, window.ruled);
  const rows = items(window.down, window.top, window.height, window.ruled);
  const background = pixelOf(palette.theme.background);
  let isMarked = false;
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y] ?? -1;
    const start = (target.top + y) * target.stride + target.left;
    // A large cell is many rows of the same pixels, unless a mark is drawn across them.
    if (y > 0 && row === rows[y - 1] && !isMarked) target.pixels.copyWithin(start, start - target.stride, start - target.stride + columns.length);
    else isMarked = paintRow(field, row, columns, palette, background, { start, pixels: target.pixels, left: window.left, top: y + window.top });
  }
}

interface RowTarget {
  readonly pixels: Uint32Array;
  /** Of the row's first pixel there. */
  readonly start: number;
  /** The same pixel in the whole picture. */
  readonly left: number;
  readonly top: number;
}

/** One row of pixels; whether a mark is among them. */
function paintRow(field: Field, row: number, columns: Int32Array, { marks, pixels: colours }: Palette, background: number, { pixels, start, left, top }: RowTarget): boolean {
  let isMarked = false;
  let before = NaN;
  let [colour, mark]: [number, Mark | undefined] = [background, undefined];
  for (let x = 0; x < columns.length; x++) {
    const col = columns[x] ?? -1;
    if (col !== before) {
      before = col;
      const level = row < 0 || col < 0 ? MASKED : field.levels[row * field.cols + col] ?? MASKED;
      mark = marks.get(level);
      colour = colours[level] ?? background;
      isMarked ||= mark !== undefined;
    }
    pixels[start + x] = mark && !mark.has(x + left, top) ? background : colour;
  }
  return isMarked;
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
