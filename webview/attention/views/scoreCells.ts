/** Scores in the grid: a head's cell tinted by its score, with the number where there is room. */
import { cssColour } from '../../lib/color/oklab.ts';
import type { Ink } from '../../lib/color/ink.ts';
import { fixed } from '../../../src/shared/format.ts';

/** CSS pixels that a number of two decimals needs. */
const NUMBER_ROOM = 30;

export const scoreText = (score: number): string => (Number.isNaN(score) ? '–' : fixed(score, 2));

/** `score`: undefined where the cell is to show its pattern, NaN where nothing was measured; heads below `atLeast` stay empty. */
export function fillCell(cell: HTMLElement, score: number | undefined, atLeast: number, side: number, ink: Ink): void {
  const isLow = score === undefined || score < atLeast;
  cell.style.backgroundColor = score === undefined ? '' : cssColour(ink.tint(isLow || Number.isNaN(score) ? 0 : Math.min(Math.max(score, 0), 1)));
  const text = isLow || side < NUMBER_ROOM ? '' : scoreText(score);
  if (cell.textContent !== text) cell.textContent = text;
}
