/** The detection table: every head's score for every pattern, sorted by one of them. Only the rows that are seen are in the document. */
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { counted, fixed, significant } from '../../../src/shared/format.ts';
import { headKinds } from '../../../src/shared/protocol/headApi.ts';
import { virtualTable } from '../../lib/table/virtualTable.ts';
import type { RowPlace } from '../../lib/table/virtualTable.ts';
import { addressOf, sameHead } from '../model/heads.ts';
import { chosenAt, patternWords, rankedHeads, scoreAt } from '../model/scores.ts';
import type { PatternChoice, Ranked } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import type { Panel } from './panel.ts';
import type { TableView } from './table.ts';

/** CSS pixels of the line above the table, of the table at least, and of the bar of score 1. */
const [TOOLS, SHORTEST, BAR] = [36, 220, 40];

export function scoreTable(panel: Panel, room: () => Room): TableView {
  const filter = h('vscode-text-field', { class: 'table-filter', placeholder: 'Filter by head', oninput: () => panel.dispatch({ kind: 'filter', text: filter.value }) });
  const note = h('span', { class: 'muted table-note' });
  let shown: readonly Ranked[] = [];
  let made: readonly unknown[] = [];

  const table = virtualTable('Scores of heads', {
    row: (at, place) => rowOf(panel.state(), shown[at], place),
    pick: (at, enter) => {
      const { head } = shown[at] ?? {};
      if (!head) return;
      panel.dispatch({ kind: 'select', head });
      if (enter) openHead(panel, head);
    },
  });
  const element = h('div', { class: 'table score-table' }, h('div', { class: 'table-tools' }, filter, note), table.element);

  return {
    element,
    focusFilter: () => filter.focus(),
    focus: () => table.element.focus({ preventScroll: true }),
    update: (state, previous) => {
      filter.setAttribute('aria-label', 'Filter');
      if (filter.value !== state.filter) filter.value = state.filter;
      table.element.style.height = `${Math.max(room().rest - TOOLS, SHORTEST)}px`;
      const next = [state.scores, state.choice, state.filter];
      const active = (): number => Math.max(shown.findIndex((one) => sameHead(one.head, state.head)), 0);
      if (!next.every((part, index) => part === made[index])) {
        made = next;
        const wanted = state.filter.trim().toLowerCase();
        shown = rankedHeads(state).filter((one) => addressOf(one.head).toLowerCase().includes(wanted));
        element.style.setProperty('--scores', String(columnsOf(state).length));
        note.textContent = counted(shown.length, 'head');
        table.fill(shown.length, active(), headsOf(panel, state));
      } else if (!previous || !sameHead(previous.head, state.head)) table.point(active());
    },
  };
}

/** The columns: the patterns with a name, and what else was scored. */
const columnsOf = ({ scores, choice }: State): readonly PatternChoice[] => [...headKinds, ...((scores?.protocol?.patterns.length ?? 0) > headKinds.length && (choice.pattern === 'offset' || choice.pattern === 'drawn') ? [choice.pattern] : [])];

function headsOf(panel: Panel, state: State): readonly HTMLElement[] {
  return [h('div', { class: 'table-cell', role: 'columnheader' }, 'Head'), ...columnsOf(state).map((choice) => {
    const isSorted = state.choice.pattern === choice;
    return h('div', { class: 'table-cell number', role: 'columnheader', 'aria-sort': isSorted ? 'descending' : 'none' },
      h('button', { class: 'table-sort', type: 'button', onclick: () => panel.dispatch({ kind: 'scoreBy', change: { pattern: choice } }) }, patternWords(choice), isSorted && ' ↓'));
  })];
}

function openHead(panel: Panel, head: Ranked['head']): void {
  panel.dispatch({ kind: 'table', on: false });
  panel.dispatch({ kind: 'open', head });
}

function rowOf(state: State, ranked: Ranked | undefined, { id, index, active }: RowPlace): HTMLElement {
  const address = ranked ? addressOf(ranked.head) : '';
  const cells = columnsOf(state).map((_, column) => {
    const score = (ranked && scoreAt(state, ranked.head, column)) ?? NaN;
    const bar = h('span', { class: `table-bar${column === chosenAt(state) ? '' : ' score-other'}` });
    bar.style.width = `${Number.isNaN(score) ? 0 : Math.max(score, 0) * BAR}px`;
    return h('div', { class: 'table-cell number table-weight', role: 'gridcell', title: Number.isNaN(score) ? 'Nothing could be measured' : significant(score, 6) }, bar, Number.isNaN(score) ? '–' : fixed(score, 3));
  });
  return h('div', {
    class: `table-row${active ? ' table-active' : ''}`, role: 'row', id, 'aria-rowindex': index + 2, 'aria-selected': String(active),
    'data-vscode-context': JSON.stringify({ webviewSection: 'head', address, preventDefaultContextMenuItems: true }),
  }, h('div', { class: 'table-cell mono', role: 'gridcell' }, address), ...cells);
}
