/** A picture's levels, out of the cells that have come. */
import { ABSENT, divergingLevel, NOT_RUN, UNCHANGED } from '../../lib/color/diverging.ts';
import { NAN_LEVEL } from '../../lib/color/levels.ts';
import type { Field } from '../../lib/matrix/field.ts';
import { valueOf } from './measure.ts';
import { cellIndex } from './pictures.ts';
import type { Picture } from './pictures.ts';
import { isMissing } from './read.ts';
import type { Measure, Run } from './state.ts';

export interface Scale {
  readonly measure: Measure;
  /** The scale goes from minus this to this. */
  readonly limit: number;
}

export function levelAt(run: Run, index: number, { measure, limit }: Scale): number {
  const cell = run.cells[index];
  if (!cell) return ABSENT;
  if (isMissing({ run }, index)) return NOT_RUN;
  if (Number.isNaN(cell.metric)) return NAN_LEVEL;
  return cell.unchanged ? UNCHANGED : divergingLevel(valueOf(cell, measure) ?? NaN, limit);
}

export const fieldOf = (run: Run, picture: Picture, scale: Scale): Field => levelsOf(picture, (index) => levelAt(run, index, scale));

/** Levels of a picture's cells; none behind the end of what is folded. */
export function levelsOf(picture: Picture, level: (index: number) => number): Field {
  const [rows, cols] = [picture.rows.labels.length, picture.columns.labels.length];
  const levels = Uint8Array.from({ length: rows * cols }, (_, at) => {
    const index = cellIndex(picture, 0, at);
    return index === null ? ABSENT : level(index);
  });
  return { rows, cols, levels };
}
