/** What every head writes at the chosen token as a table, largest first: how long it is and, where a token is asked about, what it adds to its logit. */
import './writtenTable.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { counted, significant } from '../../../src/shared/format.ts';
import { virtualTable } from '../../lib/table/virtualTable.ts';
import type { RowPlace } from '../../lib/table/virtualTable.ts';
import { addressOf, sameHead } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import { rankedHeads } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import { targetWords, writtenAt, writtenChoice } from '../model/written.ts';
import type { WrittenChoice } from '../model/written.ts';
import type { Room } from './heads.ts';
import type { Panel } from './panel.ts';
import type { TableView } from './table.ts';

/** CSS pixels of the line above the table, and of the table at least. */
const [TOOLS, SHORTEST] = [36, 220];

export function writtenTable(panel: Panel, room: () => Room): TableView {
  const filter = h('vscode-text-field', { class: 'table-filter', placeholder: 'Filter by head', oninput: () => panel.dispatch({ kind: 'filter', text: filter.value }) });
  const note = h('span', { class: 'muted table-note' });
  let shown: readonly Head[] = [];
  let made: readonly unknown[] = [];
  const table = virtualTable('What heads write', {
    row: (at, place) => rowOf(panel.state(), shown[at], place),
    pick: (at, enter) => {
      const head = shown[at];
      if (!head) return;
      panel.dispatch({ kind: 'select', head });
      if (!enter) return;
      panel.dispatch({ kind: 'table', on: false });
      panel.dispatch({ kind: 'open', head });
    },
  });
  const element = h('div', { class: 'table written-table' }, h('div', { class: 'table-tools' }, filter, note), table.element);

  return {
    element,
    focusFilter: () => filter.focus(),
    focus: () => table.element.focus({ preventScroll: true }),
    update: (state, previous) => {
      filter.setAttribute('aria-label', 'Filter');
      if (filter.value !== state.filter) filter.value = state.filter;
      table.element.style.height = `${Math.max(room().rest - TOOLS, SHORTEST)}px`;
      const next = [state.written, state.choice, state.target, state.position, state.filter, state.run];
      const active = (): number => Math.max(shown.findIndex((head) => sameHead(head, state.head)), 0);
      if (!next.every((part, index) => part === made[index])) {
        made = next;
        const wanted = state.filter.trim().toLowerCase();
        shown = rankedHeads(state).map(({ head }) => head).filter((head) => addressOf(head).toLowerCase().includes(wanted));
        note.textContent = counted(shown.length, 'head');
        table.fill(shown.length, active(), ['Head', ...columnsOf(state).map((column) => titleOf(state, column))].map((title, at) => h('div', { class: `table-cell${at > 0 ? ' number' : ''}`, role: 'columnheader' }, title)));
      } else if (!previous || !sameHead(previous.head, state.head)) table.point(active());
    },
  };
}

/** What the heads are ranked by stands first. */
const columnsOf = (state: State): readonly WrittenChoice[] => (writtenChoice(state) === 'effect' ? ['effect', 'norm'] : ['norm']);

const titleOf = (state: State, column: WrittenChoice): string => (column === 'effect' ? `Adds to the logit of ${targetWords(state)}` : 'Norm');

function rowOf(state: State, head: Head | undefined, { id, index, active }: RowPlace): HTMLElement {
  const address = head ? addressOf(head) : '';
  const values = columnsOf(state).map((column) => (head && writtenAt(state, head, column)) ?? NaN);
  return h('div', {
    class: `table-row${active ? ' table-active' : ''}`, role: 'row', id, 'aria-rowindex': index + 2, 'aria-selected': String(active),
    'data-vscode-context': JSON.stringify({ webviewSection: 'head', address, preventDefaultContextMenuItems: true }),
  }, h('div', { class: 'table-cell mono', role: 'gridcell' }, address), ...values.map((value) => h('div', { class: 'table-cell number', role: 'gridcell', title: significant(value, 6) }, Number.isNaN(value) ? '–' : significant(value))));
}
