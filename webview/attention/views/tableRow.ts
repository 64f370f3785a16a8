/** One row of the table, and the heads of its columns. */
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { fixed, significant } from '../../../src/shared/format.ts';
import { addressOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Axes } from '../model/read.ts';
import type { Order } from '../model/state.ts';
import { furtherName, MORE, NO_SOURCE } from '../table/data.ts';
import type { ColumnName, TableData } from '../table/data.ts';
import type { Panel } from './panel.ts';
import { sortHead } from '../../lib/table/virtualTable.ts';
import type { RowPlace } from '../../lib/table/virtualTable.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';

const cell = (className: string, ...children: readonly (Node | string)[]): HTMLElement => h('div', { class: `table-cell ${className}`, role: 'gridcell' }, ...children);

/** CSS pixels of the bar of weight 1. */
const BAR = 40;

function weightCell(weight: number): HTMLElement {
  const bar = h('span', { class: 'table-bar' });
  bar.style.width = `${Number.isNaN(weight) ? 0 : Math.abs(weight) * BAR}px`;
  const element = cell('number table-weight', bar, fixed(weight, 4));
  element.title = significant(weight, 6);
  return element;
}

/** A number beside the weight; a dash where there is none. */
function numberCell(value: number): HTMLElement {
  const element = cell('number', Number.isNaN(value) ? '–' : fixed(value, 4));
  if (!Number.isNaN(value)) element.title = significant(value, 6);
  return element;
}

/** Of two prompts the first may have no such cell; a weight that is NaN is one. */
const firstNumber = ({ further, weight }: TableData, row: number): HTMLElement => (further && Number.isNaN(weight[row]) ? numberCell(NaN) : weightCell(weight[row] ?? NaN));

const token = (tokens: readonly TokenInfo[], at: number): readonly (Node | string)[] =>
  (tokens[at] ? [h('span', { class: 'table-at muted' }, String(at)), h('span', { class: 'mono table-token' }, ...tokenText(tokens[at].text))] : []);

export function tableRow(data: TableData, row: number, axes: (head: Head) => Axes, place: RowPlace): HTMLElement {
  const head = data.heads[data.head[row] ?? 0];
  const address = head ? addressOf(head) : '';
  const { dest, source: sources } = head ? axes(head) : { dest: [], source: [] };
  const source = data.source[row] ?? NO_SOURCE;
  const { more } = data;
  const others = more ? Array.from({ length: MORE }, (_, index) => {
    const at = more.source[row * MORE + index] ?? NO_SOURCE;
    return at === NO_SOURCE ? [cell('table-source'), cell('number')] : [cell('table-source', ...token(sources, at)), weightCell(more.weight[row * MORE + index] ?? NaN)];
  }).flat() : [];
  return h('div', {
    class: `table-row${place.active ? ' table-active' : ''}${more ? ' table-wide' : ''}`, role: 'row', id: place.id, 'aria-rowindex': place.index + 2, 'aria-selected': String(place.active),
    'data-vscode-context': contextOf('head', address),
  },
  cell('mono', address), cell('table-source', ...token(dest, data.destination[row] ?? 0)),
  cell('table-source', ...token(sources, source)), firstNumber(data, row), ...others, ...(data.further ?? []).map(({ values }) => numberCell(values[row] ?? NaN)));
}

const titles: readonly (readonly [name: ColumnName, title: string])[] = [['head', 'Head'], ['destination', 'Destination'], ['source', 'Source'], ['weight', 'Weight']];

export function columnsOf(panel: Panel, data: TableData | undefined, order: Order | null, number: string): readonly HTMLElement[] {
  const more = data?.more ? Array.from({ length: MORE }, (_, index) => [index === 0 ? 'Second' : 'Third', number]).flat() : [];
  return [
    ...titles.map(([name, title]) => sortHead(name === 'weight' ? number : title, name, { order, numeric: name === 'weight', sort: (next) => panel.dispatch({ kind: 'order', order: next }) })),
    ...(data?.further ?? []).map(({ title }, index) => sortHead(title, furtherName(index), { order, numeric: true, sort: (next) => panel.dispatch({ kind: 'order', order: next }) })),
    ...more.map((title) => h('div', { class: `table-cell${title === number ? ' number' : ''}`, role: 'columnheader' }, title)),
  ];
}
