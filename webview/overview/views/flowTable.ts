/**
 * A table whose rows take two lines where the page is narrow. Its layout is a grid by then, which would take its meaning from it:
 * the roles say that it is a table still.
 */
import type { Child } from '../../lib/dom.ts';
import { h } from '../../lib/dom.ts';

export interface FlowColumn {
  readonly title: string;
  readonly about?: string;
  readonly number?: boolean;
}

export const flowTable = (name: string, columns: readonly FlowColumn[], bodies: readonly HTMLElement[]): HTMLTableElement =>
  h('table', { class: `flow ${name}`, role: 'table' },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' },
      columns.map(({ title, about, number }) => h('th', { role: 'columnheader', scope: 'col', title: about, class: number === true ? 'number' : undefined }, title)))),
    ...bodies);

export const flowBody = (name: string, rows: readonly HTMLElement[]): HTMLTableSectionElement => h('tbody', { class: name, role: 'rowgroup' }, ...rows);

/** A text cell that reads as a figure stands to the right, under the other figures of its column. */
export const flowRow = (head: Child, cells: readonly Child[], attributes: Readonly<Record<string, string | boolean>> = {}): HTMLTableRowElement =>
  h('tr', { role: 'row', ...attributes },
    h('th', { role: 'rowheader', scope: 'row' }, head),
    cells.map((cell) => h('td', { role: 'cell', class: isFigure(cell) ? 'number' : undefined }, cell)));

const isFigure = (cell: Child): boolean => typeof cell === 'string' && /^(?:[\u2212\d].*|NaN|∞)$/.test(cell);
