/** A head's difference between two prompts as levels of the diverging scale. A block of several cells shows the one that is furthest from 0. */
import { ABSENT, divergingLevel, NOT_RUN, ZERO } from '../../lib/color/diverging.ts';
import { FLOOR, MASKED, MISSING, NAN_LEVEL } from '../../lib/color/levels.ts';
import type { Field } from '../../lib/matrix/field.ts';
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { emptyField } from './field.ts';
import { isVisible } from './visibility.ts';
import type { Visibility } from './visibility.ts';

/** Rows and columns that only one prompt has. */
export interface Missing {
  readonly rows: readonly boolean[];
  readonly cols: readonly boolean[];
}

export const nothingMissing: Missing = { rows: [], cols: [] };

/** Where a difference of 0 would stand, what is masked, and what only one prompt has. */
export const emptyDifference = (view: Visibility, finest: number, missing: Missing): Field => emptyAligned(view, finest, missing, { masked: ABSENT, missing: NOT_RUN, here: ZERO });

/** The same of one prompt's weights on the columns of both. */
export const emptyBeside = (view: Visibility, finest: number, missing: Missing): Field => emptyAligned(view, finest, missing, { masked: MASKED, missing: MISSING, here: FLOOR });

function emptyAligned(view: Visibility, finest: number, missing: Missing, marks: { readonly masked: number; readonly missing: number; readonly here: number }): Field {
  const { rows, cols, levels } = emptyField(view, finest);
  const next = Uint8Array.from(levels, (level) => (level === MASKED ? marks.masked : marks.missing));
  for (let row = 0; row < view.rows; row++) {
    if (missing.rows[row]) continue;
    const target = Math.floor((row * rows) / view.rows) * cols;
    for (let col = 0; col < view.cols; col++) if (!missing.cols[col] && isVisible(view, row, col)) next[target + Math.floor((col * cols) / view.cols)] = marks.here;
  }
  return { rows, cols, levels: next };
}

/** What was sent of a head on a copy of its empty field. */
export function layerDifference(empty: Field, layer: LayerPatterns, head: number, limit: number): Field {
  const field = raiser(empty, layer, limit);
  for (let row = 0; row < layer.rows; row++) {
    const start = (head * layer.rows + row) * layer.perRow;
    for (let slot = start; slot < start + layer.perRow; slot++) {
      const key = layer.keys[slot] ?? layer.cols;
      if (key < layer.cols) field.raise(row, key, layer.weights[slot] ?? 0);
    }
  }
  return field.made;
}

/** A whole head on a copy of its empty field. */
export function tileDifference(empty: Field, tile: PatternTile, limit: number, missing: Missing): Field {
  const field = raiser(empty, tile, limit);
  for (let row = 0; row < tile.rows; row++) for (let col = 0; col < tile.cols; col++) if (!missing.rows[row] && !missing.cols[col]) field.raise(row, col, tile.values[row * tile.cols + col] ?? 0);
  return field.made;
}

function raiser({ rows, cols, levels }: Field, size: { readonly rows: number; readonly cols: number }, limit: number): { readonly made: Field; raise(row: number, col: number, value: number): void } {
  const made = levels.slice();
  return {
    made: { rows, cols, levels: made },
    raise: (row, col, value) => {
      const at = Math.floor((row * rows) / size.rows) * cols + Math.floor((col * cols) / size.cols);
      const before = made[at] ?? ABSENT;
      // What is masked or missing stays what it is: there is nothing to subtract.
      if (before === ABSENT || before === NOT_RUN || before === NAN_LEVEL) return;
      const level = divergingLevel(value, limit);
      if (level === NAN_LEVEL || Math.abs(level - ZERO) > Math.abs(before - ZERO)) made[at] = level;
    },
  };
}
