/** The cells that changed most, by what the colours show. */
import { valueOf } from './measure.ts';
import type { Measure, Run } from './state.ts';

export interface Strong {
  readonly index: number;
  readonly value: number;
}

export function strongestCells({ cells }: Pick<Run, 'cells'>, measure: Measure, most: number): readonly Strong[] {
  const found: Strong[] = [];
  cells.forEach((cell, index) => {
    const value = !cell || cell.unchanged ? NaN : valueOf(cell, measure) ?? NaN;
    if (!Number.isFinite(value)) return;
    const weakest = found.at(-1);
    if (found.length === most && weakest && Math.abs(value) <= Math.abs(weakest.value)) return;
    const at = found.findIndex((one) => Math.abs(one.value) < Math.abs(value));
    found.splice(at < 0 ? found.length : at, 0, { index, value });
    found.length = Math.min(found.length, most);
  });
  return found;
}
