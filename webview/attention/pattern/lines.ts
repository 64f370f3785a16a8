/** A head's pattern as lines from each token that reads to what it reads: which are drawn, and how strongly. */
import type { PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { ink } from '../../lib/color/levels.ts';
import type { ScaleName } from '../../lib/color/levels.ts';

/** Tokens along a side at most: more could not be told apart. */
export const MOST_LINES = 64;
/** Weights below are not drawn. */
export const LEAST = 0.02;
/** How much of its ink a line keeps that is not the chosen token's. */
const BEHIND = 0.35;

export interface Line {
  readonly row: number;
  readonly col: number;
  readonly weight: number;
  /** Of the chosen token. */
  readonly mine: boolean;
}

/** Row by row. */
export function linesOf({ rows, cols, values }: PatternTile, chosen: number): readonly Line[] {
  const lines: Line[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const weight = values[row * cols + col] ?? 0;
      if (weight >= LEAST) lines.push({ row, col, weight, mine: row === chosen });
    }
  }
  return lines;
}

/** The chosen token's last, over the others. */
export const inDrawingOrder = (lines: readonly Line[]): readonly Line[] => [...lines.filter(({ mine }) => !mine), ...lines.filter(({ mine }) => mine)];

export const opacityOf = ({ weight, mine }: Line, scale: ScaleName): number => ink(weight, scale) * (mine ? 1 : BEHIND);
