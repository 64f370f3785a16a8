/** A table of heads in the order of what the grid shows, with numbers of each. Only the rows that are seen are in the document. */
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { counted } from '../../../src/shared/format.ts';
import { addressOf, sameHead } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import { rankedHeads } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import type { Panel } from './panel.ts';
import { openHead, tableFrame } from './tableFrame.ts';
import type { TableView } from './tableFrame.ts';

export interface HeadNumbers {
  readonly label: string;
  readonly className: string;
  /** What heads, order and numbers come from, beside the choice and the filter: the same parts, the same rows. */
  readonly parts: (state: State) => readonly unknown[];
  /** The columns' heads. */
  readonly titles: (state: State) => readonly HTMLElement[];
  /** A head's cells in these columns. */
  readonly cells: (state: State, head: Head) => readonly HTMLElement[];
}

export function headTable(panel: Panel, room: () => Room, { label, className, parts, titles, cells }: HeadNumbers): TableView {
  let shown: readonly Head[] = [];
  let made: readonly unknown[] = [];
  const { table, note, fit, ...frame } = tableFrame(panel, room, { label, placeholder: 'Filter by head' }, {
    row: (at, { id, index, active }) => {
      const head = shown[at];
      const address = head ? addressOf(head) : '';
      return h('div', {
        class: `table-row${active ? ' table-active' : ''}`, role: 'row', id, 'aria-rowindex': index + 2, 'aria-selected': String(active), 'data-vscode-context': contextOf('head', address),
      }, h('div', { class: 'table-cell mono', role: 'gridcell' }, address), ...(head ? cells(panel.state(), head) : []));
    },
    pick: (at, enter) => {
      const head = shown[at];
      if (!head) return;
      panel.dispatch({ kind: 'select', head });
      if (enter) openHead(panel, head);
    },
  });
  frame.element.classList.add(className);

  return {
    ...frame,
    update: (state, previous) => {
      fit(state);
      const next = [...parts(state), state.choice, state.filter];
      const active = (): number => Math.max(shown.findIndex((head) => sameHead(head, state.head)), 0);
      if (!next.every((part, index) => part === made[index])) {
        made = next;
        const wanted = state.filter.trim().toLowerCase();
        shown = rankedHeads(state).map(({ head }) => head).filter((head) => addressOf(head).toLowerCase().includes(wanted));
        note.textContent = counted(shown.length, 'head');
        const columns = titles(state);
        frame.element.style.setProperty('--numbers', String(columns.length));
        table.fill(shown.length, active(), [h('div', { class: 'table-cell', role: 'columnheader' }, 'Head'), ...columns]);
      } else if (!previous || !sameHead(previous.head, state.head)) table.point(active());
    },
  };
}
