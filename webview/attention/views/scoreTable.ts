/** The detection table: every head's score for every pattern, sorted by one of them. Only the rows that are seen are in the document. */
import '../../lib/table.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { counted, fixed, significant } from '../../../src/shared/format.ts';
import { headKinds } from '../../../src/shared/protocol/headApi.ts';
import { ROW, scrollToRow, seenRows } from '../../lib/geometry/rows.ts';
import { addressOf, sameHead } from '../model/heads.ts';
import { chosenAt, patternWords, rankedHeads, scoreAt } from '../model/scores.ts';
import type { PatternChoice, Ranked } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import { selectNothing } from './heads.ts';
import type { Panel } from './panel.ts';
import type { TableView } from './table.ts';

/** CSS pixels of the line above the table, of the table at least, and of the bar of score 1. */
const [TOOLS, SHORTEST, BAR] = [36, 220, 40];

export function scoreTable(panel: Panel, room: () => Room): TableView {
  const filter = h('vscode-text-field', { class: 'table-filter', placeholder: 'Filter by head', oninput: () => panel.dispatch({ kind: 'filter', text: filter.value }) });
  const note = h('span', { class: 'muted table-note' });
  const head = h('div', { class: 'table-row table-head score-row', role: 'row' });
  const rows = h('div', { class: 'table-rows', role: 'rowgroup' });
  const body = h('div', { class: 'table-body', tabindex: 0, role: 'grid', 'aria-label': 'Scores of heads', onscroll: () => draw(), onmousedown: selectNothing, onkeydown: (event) => move(event) },
    h('div', { class: 'table-heads', role: 'rowgroup' }, head), rows);
  const element = h('div', { class: 'table score-table' }, h('div', { class: 'table-tools' }, filter, note), body);
  let shown: readonly Ranked[] = [];
  let made: readonly unknown[] = [];

  const draw = (): void => {
    const state = panel.state();
    const { from, until } = seenRows(shown.length, body.scrollTop, body.clientHeight);
    const active = shown.findIndex((one) => sameHead(one.head, state.head));
    rows.replaceChildren(...shown.slice(from, until).map((one, offset) => {
      const row = rowOf(panel, state, one, from + offset, active === from + offset);
      row.style.top = `${(from + offset) * ROW}px`;
      return row;
    }));
    if (active >= from && active < until) body.setAttribute('aria-activedescendant', `score-${active}`);
    else body.removeAttribute('aria-activedescendant');
  };

  const move = (event: KeyboardEvent): void => {
    const { head: selected } = panel.state();
    const at = shown.findIndex((one) => sameHead(one.head, selected));
    const page = Math.max(Math.floor(body.clientHeight / ROW) - 2, 1);
    const steps: Readonly<Record<string, number>> = { ArrowUp: at - 1, ArrowDown: at + 1, PageUp: at - page, PageDown: at + page, Home: 0, End: shown.length - 1 };
    const step = steps[event.key];
    if (event.target !== body || event.ctrlKey || event.altKey || event.metaKey || shown.length === 0) return;
    if (event.key === 'Enter' && selected) openHead(panel, selected);
    else if (step === undefined) return;
    else {
      const next = Math.min(Math.max(step, 0), shown.length - 1);
      const one = shown[next];
      if (one) panel.dispatch({ kind: 'select', head: one.head });
      body.scrollTop = scrollToRow(body.scrollTop, body.clientHeight - ROW, next);
    }
    event.preventDefault();
  };

  return {
    element,
    focusFilter: () => filter.focus(),
    focus: () => body.focus({ preventScroll: true }),
    update: (state) => {
      filter.setAttribute('aria-label', 'Filter');
      if (filter.value !== state.filter) filter.value = state.filter;
      body.style.height = `${Math.max(room().rest - TOOLS, SHORTEST)}px`;
      const next = [state.scores, state.choice, state.filter];
      if (!next.every((part, index) => part === made[index])) {
        made = next;
        const wanted = state.filter.trim().toLowerCase();
        shown = rankedHeads(state).filter((one) => addressOf(one.head).toLowerCase().includes(wanted));
        rows.style.height = `${shown.length * ROW}px`;
        element.style.setProperty('--scores', String(columnsOf(state).length));
        head.replaceChildren(...headsOf(panel, state));
        note.textContent = counted(shown.length, 'head');
        body.setAttribute('aria-rowcount', String(shown.length + 1));
      }
      draw();
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

function rowOf(panel: Panel, state: State, { head }: Ranked, at: number, isActive: boolean): HTMLElement {
  const address = addressOf(head);
  const cells = columnsOf(state).map((_, column) => {
    const score = scoreAt(state, head, column) ?? NaN;
    const bar = h('span', { class: `table-bar${column === chosenAt(state) ? '' : ' score-other'}` });
    bar.style.width = `${Number.isNaN(score) ? 0 : Math.max(score, 0) * BAR}px`;
    return h('div', { class: 'table-cell number table-weight', role: 'gridcell', title: Number.isNaN(score) ? 'Nothing could be measured' : significant(score, 6) }, bar, Number.isNaN(score) ? '–' : fixed(score, 3));
  });
  return h('div', {
    class: `table-row score-row${isActive ? ' table-active' : ''}`, role: 'row', id: `score-${at}`, 'aria-rowindex': at + 2, 'aria-selected': String(isActive),
    'data-vscode-context': JSON.stringify({ webviewSection: 'head', address, preventDefaultContextMenuItems: true }),
    onclick: () => panel.dispatch({ kind: 'select', head }),
    ondblclick: () => openHead(panel, head),
  }, h('div', { class: 'table-cell mono', role: 'gridcell' }, address), ...cells);
}
