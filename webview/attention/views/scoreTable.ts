/** The detection table: every head's score for every pattern, sorted by one of them. */
import { h } from '../../lib/dom.ts';
import { fixed, significant } from '../../../src/shared/format.ts';
import { headKinds } from '../../../src/shared/protocol/headApi.ts';
import { chosenAt, patternWords, scoreAt } from '../model/scores.ts';
import type { PatternChoice } from '../model/scores.ts';
import type { State } from '../model/state.ts';
import type { Room } from './heads.ts';
import { headTable } from './headTable.ts';
import type { Panel } from './panel.ts';
import type { TableView } from './tableFrame.ts';

/** CSS pixels of the bar of score 1. */
const BAR = 40;

export const scoreTable = (panel: Panel, room: () => Room): TableView => headTable(panel, room, {
  label: 'Scores of heads', className: 'score-table',
  parts: ({ scores }) => [scores],
  titles: (state) => columnsOf(state).map((choice) => {
    const isSorted = state.choice.pattern === choice;
    return h('div', { class: 'table-cell number', role: 'columnheader', 'aria-sort': isSorted ? 'descending' : 'none' },
      h('button', { class: 'table-sort', type: 'button', onclick: () => panel.dispatch({ kind: 'scoreBy', change: { pattern: choice } }) }, patternWords(choice), isSorted && ' ↓'));
  }),
  cells: (state, head) => columnsOf(state).map((_, column) => {
    const score = scoreAt(state, head, column) ?? NaN;
    const bar = h('span', { class: `table-bar${column === chosenAt(state) ? '' : ' score-other'}` });
    bar.style.width = `${Number.isNaN(score) ? 0 : Math.max(score, 0) * BAR}px`;
    return h('div', { class: 'table-cell number table-weight', role: 'gridcell', title: Number.isNaN(score) ? 'Nothing could be measured' : significant(score, 6) }, bar, Number.isNaN(score) ? '–' : fixed(score, 3));
  }),
});

/** The columns: the patterns with a name, and what else was scored. */
const columnsOf = ({ scores, choice }: State): readonly PatternChoice[] => [...headKinds, ...((scores?.protocol?.patterns.length ?? 0) > headKinds.length && (choice.pattern === 'offset' || choice.pattern === 'drawn') ? [choice.pattern] : [])];
