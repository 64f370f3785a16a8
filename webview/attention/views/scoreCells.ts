/** Numbers in the grid: a head's cell tinted by its score, or by what it writes, with the number where there is room. */
import { cssColour } from '../../lib/color/oklab.ts';
import type { Ink } from '../../lib/color/ink.ts';
import type { GridScale } from '../model/gridScale.ts';

/** CSS pixels of a character of the number, and of the air around it. */
const [CHARACTER, AIR] = [6, 6];

/** `value`: undefined where the cell is to show its pattern, NaN where nothing was measured; what falls below the scale stays empty. */
export function fillCell(cell: HTMLElement, value: number | undefined, scale: GridScale, side: number, ink: Ink): void {
  const isLow = value === undefined || value < scale.atLeast;
  cell.style.backgroundColor = value === undefined ? '' : cssColour(ink.tint(isLow ? 0 : scale.share(value)));
  const words = isLow ? '' : scale.text(value);
  const text = words.length * CHARACTER + AIR > side ? '' : words;
  if (cell.textContent !== text) cell.textContent = text;
}
