/** The cells as rows of a table. */
import type { Cell } from '../../../src/shared/experiment/result.ts';
import type { Order, Run } from './state.ts';

export type ColumnName = 'address' | 'recovered' | 'effect' | 'direct' | 'metric' | 'spread';

/** What a column is sorted by; the strongest first, whichever way it goes. */
const keys: Readonly<Record<ColumnName, (cell: Cell, index: number) => number>> = {
  address: (_, index) => index,
  recovered: (cell) => Math.abs(cell.recovered ?? NaN),
  effect: (cell) => Math.abs(cell.unchanged ? NaN : cell.effect),
  direct: (cell) => (cell.unchanged ? NaN : -cell.metric),
  metric: (cell) => cell.metric,
  spread: (cell) => cell.spread ?? NaN,
};

export const isColumn = (name: string): name is ColumnName => Object.hasOwn(keys, name);

/** Indices of the cells whose address fits the filter, in the order that is asked for; what has no value comes last. */
export function arrange({ cells }: Pick<Run, 'cells'>, filter: string, order: Order | null): Uint32Array {
  const wanted = filter.trim().toLowerCase();
  const found: number[] = [];
  cells.forEach((cell, index) => {
    if (cell && (wanted === '' || cell.address.toLowerCase().includes(wanted))) found.push(index);
  });
  if (!order || !isColumn(order.column)) return Uint32Array.from(found);
  const key = keys[order.column];
  const value = (index: number): number => {
    const cell = cells[index];
    const number = cell ? key(cell, index) : NaN;
    return Number.isNaN(number) ? -Infinity : order.descending ? number : -number;
  };
  const values = new Map(found.map((index) => [index, value(index)]));
  return Uint32Array.from(found.sort((a, b) => (values.get(b) ?? 0) - (values.get(a) ?? 0) || a - b));
}
