/** The cells of a result by how much they change. */
import { cellAt } from './result.ts';
import type { Cell, CellValues, ExperimentFrame } from './result.ts';

export interface Measured {
  readonly frame: ExperimentFrame;
  readonly values: CellValues;
}

/** Every cell that the model has, in the order of the frame. */
export const cellsOf = ({ frame, values }: Measured): readonly Cell[] =>
  frame.addresses.flatMap((address, index) => (address === '' ? [] : [cellAt({ frame, values, index })]));

/** What a cell is ranked by: recovered where there is something to recover, else its effect. */
export const strengthOf = (cell: Cell): number => cell.recovered ?? cell.effect;

export const isKnown = (cell: Cell): boolean => !Number.isNaN(cell.metric);

/** Cells that were run and did something, the strongest first, by absolute value. */
export const strongest = (cells: readonly Cell[]): readonly Cell[] =>
  cells.filter((cell) => isKnown(cell) && !cell.unchanged).sort((a, b) => Math.abs(strengthOf(b)) - Math.abs(strengthOf(a)));
