/** A head's pattern as a square of levels, no finer than it will be drawn. A block of several cells shows its strongest, so that no stripe is lost. */
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { FLOOR, levelOf, MASKED, NAN_LEVEL } from '../../lib/color/levels.ts';
import type { ScaleName } from '../../lib/color/levels.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { isVisible } from './visibility.ts';
import type { Visibility } from './visibility.ts';

const NO_KEY = 0xffff;

/** The field without weights: what is masked, and the floor. A block is masked only when all its cells are. */
export function emptyField(view: Visibility, finest: number): Field {
  const [rows, cols] = [Math.min(view.rows, finest), Math.min(view.cols, finest)];
  const levels = new Uint8Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    // The last row of the block sees the most.
    const cell = Math.ceil(((row + 1) * view.rows) / rows) - 1;
    for (let col = 0; col < cols; col++) {
      const from = Math.ceil((col * view.cols) / cols);
      const until = Math.ceil(((col + 1) * view.cols) / cols);
      let level = MASKED;
      for (let key = from; key < until && level === MASKED; key++) if (isVisible(view, cell, key)) level = FLOOR;
      levels[row * cols + col] = level;
    }
  }
  return { rows, cols, levels };
}

/** One head of a layer on a copy of its empty field. */
export function headField(empty: Field, layer: LayerPatterns, head: number, scale: ScaleName): Field {
  const { rows, cols } = empty;
  const levels = empty.levels.slice();
  for (let row = 0; row < layer.rows; row++) {
    const target = Math.floor((row * rows) / layer.rows) * cols;
    const start = (head * layer.rows + row) * layer.perRow;
    for (let slot = start; slot < start + layer.perRow; slot++) {
      const key = layer.keys[slot] ?? NO_KEY;
      if (key >= layer.cols) continue;
      raise(levels, target + Math.floor((key * cols) / layer.cols), levelOf(layer.weights[slot] ?? 0, scale));
    }
  }
  for (const nan of layer.nanRows) {
    const row = nan - head * layer.rows;
    if (row >= 0 && row < layer.rows) markRow(levels, cols, Math.floor((row * rows) / layer.rows));
  }
  return { rows, cols, levels };
}

/** A whole tile on a copy of its empty field. */
export function tileField(empty: Field, tile: PatternTile, scale: ScaleName): Field {
  const { rows, cols } = empty;
  const levels = empty.levels.slice();
  for (let row = 0; row < tile.rows; row++) {
    const target = Math.floor((row * rows) / tile.rows) * cols;
    for (let col = 0; col < tile.cols; col++) {
      raise(levels, target + Math.floor((col * cols) / tile.cols), levelOf(tile.values[row * tile.cols + col] ?? 0, scale));
    }
  }
  return { rows, cols, levels };
}

/** What is masked stays empty as long as its weight is zero; one above is shown, whatever the mask should have done. */
function raise(levels: Uint8Array, at: number, level: number): void {
  const before = levels[at] ?? MASKED;
  if (level > Math.max(before, FLOOR) && !(before === MASKED && level === NAN_LEVEL)) levels[at] = level;
}

function markRow(levels: Uint8Array, cols: number, row: number): void {
  for (let at = row * cols; at < (row + 1) * cols; at++) if (levels[at] !== MASKED) levels[at] = NAN_LEVEL;
}
