/** A table of any length: only the rows that are seen are in the document. One row is the current one, moved by keys, spoken as it moves. */
import '../table.css';
import { h } from '../dom.ts';
import { MOST_ROWS, ROW, scrollToRow, seenRows } from '../geometry/rows.ts';

export interface RowPlace {
  readonly id: string;
  readonly index: number;
  readonly active: boolean;
}

export interface VirtualTable {
  /** The scrolling body, with its heads. */
  readonly element: HTMLElement;
  /** New rows: their number, and the current one. */
  fill(count: number, active: number, heads: readonly HTMLElement[]): void;
  /** Makes a row the current one. */
  point(active: number): void;
  /** Draws the rows anew that are seen. */
  draw(): void;
}

export interface TableEvents {
  /** The cells of a row. */
  readonly row: (at: number, place: RowPlace) => HTMLElement;
  /** A row was chosen; `enter`: and is to be opened. */
  readonly pick: (at: number, enter: boolean) => void;
}

/** Tables of one page, which must not share the ids of their rows. */
let tables = 0;

export function virtualTable(label: string, { row, pick }: TableEvents): VirtualTable {
  const prefix = `table-${++tables}-row-`;
  const head = h('div', { class: 'table-row table-head', role: 'row' });
  const rows = h('div', { class: 'table-rows', role: 'rowgroup' });
  const element = h('div', {
    class: 'table-body', tabindex: 0, role: 'grid', 'aria-label': label, onscroll: () => draw(), onkeydown: (event) => move(event),
    // A second click opens; it does not select the words under it.
    onmousedown: (event) => {
      if (event.detail > 1) event.preventDefault();
    },
    // Its first click drew the rows anew, so that a double click has no row of the document to come to.
    onclick: (event) => take(event, event.detail === 2),
  }, h('div', { class: 'table-heads', role: 'rowgroup' }, head), rows);
  let [count, active] = [0, 0];

  const draw = (): void => {
    const { from, until } = seenRows(Math.min(count, MOST_ROWS), element.scrollTop, element.clientHeight);
    rows.replaceChildren(...Array.from({ length: until - from }, (_, offset) => {
      const at = from + offset;
      const one = row(at, { id: `${prefix}${at}`, index: at, active: at === active });
      one.style.top = `${at * ROW}px`;
      return one;
    }));
    if (active >= from && active < until) element.setAttribute('aria-activedescendant', `${prefix}${active}`);
    else element.removeAttribute('aria-activedescendant');
  };

  const point = (at: number): void => {
    active = at;
    element.scrollTop = scrollToRow(element.scrollTop, element.clientHeight - ROW, at);
    draw();
  };

  const take = (event: MouseEvent, enter: boolean): void => {
    const id = event.target instanceof Element ? event.target.closest('.table-rows .table-row')?.id : undefined;
    if (id === undefined) return;
    active = Number(id.slice(prefix.length));
    pick(active, enter);
    draw();
  };

  const move = (event: KeyboardEvent): void => {
    const page = Math.max(Math.floor(element.clientHeight / ROW) - 2, 1);
    const steps: Readonly<Record<string, number>> = { ArrowUp: active - 1, ArrowDown: active + 1, PageUp: active - page, PageDown: active + page, Home: 0, End: count - 1 };
    const next = steps[event.key];
    if (event.target !== element || event.ctrlKey || event.altKey || event.metaKey || count === 0) return;
    if (event.key === 'Enter') pick(active, true);
    else if (next === undefined) return;
    else {
      point(Math.min(Math.max(next, 0), Math.min(count, MOST_ROWS) - 1));
      pick(active, false);
    }
    event.preventDefault();
  };

  return {
    element, point, draw,
    fill: (rowCount, current, heads) => {
      [count, active] = [rowCount, current];
      rows.style.height = `${Math.min(count, MOST_ROWS) * ROW}px`;
      element.setAttribute('aria-rowcount', String(count + 1));
      head.replaceChildren(...heads);
      element.scrollTop = scrollToRow(element.scrollTop, element.clientHeight - ROW, active);
      draw();
    },
  };
}

export interface SortedBy {
  readonly column: string;
  readonly descending: boolean;
}

/** A column's head: its title sorts by it, the other way round, and not at all. Numbers begin with the largest. */
export function sortHead(title: string, column: string, { order, numeric, sort }: { readonly order: SortedBy | null; readonly numeric: boolean; readonly sort: (order: SortedBy | null) => void }): HTMLElement {
  const isSorted = order?.column === column;
  const next = !isSorted ? { column, descending: numeric } : order.descending === numeric ? { column, descending: !order.descending } : null;
  return h('div', { class: `table-cell${numeric ? ' number' : ''}`, role: 'columnheader', 'aria-sort': !isSorted ? 'none' : order.descending ? 'descending' : 'ascending' },
    h('button', { class: 'table-sort', type: 'button', onclick: () => sort(next) }, title, isSorted && (order.descending ? ' ↓' : ' ↑')));
}
