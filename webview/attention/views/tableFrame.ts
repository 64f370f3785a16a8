/** What all tables of the panel have: a filter and a line of words above the rows, in what is left of the panel's height. */
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { virtualTable } from '../../lib/table/virtualTable.ts';
import type { TableEvents, VirtualTable } from '../../lib/table/virtualTable.ts';
import type { Head } from '../model/heads.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import type { Panel, View } from './panel.ts';

export interface TableView extends View {
  focusFilter(): void;
  focus(): void;
}

export interface TableFrame extends Omit<TableView, 'update'> {
  readonly table: VirtualTable;
  /** The line beside the filter. */
  readonly note: HTMLElement;
  /** Follows the filter and the room. */
  fit(state: State): void;
}

/** CSS pixels of the line above the table, and of the table at least. */
const [TOOLS, SHORTEST] = [36, 220];

export function tableFrame(panel: Panel, room: () => Room, { label, placeholder }: { readonly label: string; readonly placeholder: string }, events: TableEvents): TableFrame {
  const filter = h('vscode-text-field', { class: 'table-filter', placeholder, oninput: () => panel.dispatch({ kind: 'filter', text: filter.value }) });
  const note = h('span', { class: 'muted table-note' });
  const table = virtualTable(label, events);
  return {
    table, note,
    element: h('div', { class: 'table' }, h('div', { class: 'table-tools' }, filter, note), table.element),
    focusFilter: () => filter.focus(),
    focus: () => table.element.focus({ preventScroll: true }),
    fit: (state) => {
      filter.setAttribute('aria-label', 'Filter'); // The toolkit names a field anew when it is connected.
      if (filter.value !== state.filter) filter.value = state.filter;
      table.element.style.height = `${Math.max(room().rest - TOOLS, SHORTEST)}px`;
    },
  };
}

/** Leaves the table for the head. */
export function openHead(panel: Panel, head: Head): void {
  panel.dispatch({ kind: 'table', on: false });
  panel.dispatch({ kind: 'open', head });
}
