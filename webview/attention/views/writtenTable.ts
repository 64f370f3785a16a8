/** What every head writes at the chosen token as a table, largest first: how long it is and, where a token is asked about, what it adds to its logit. */
import './writtenTable.css';
import { h } from '../../lib/dom.ts';
import { significant } from '../../../src/shared/format.ts';
import type { State } from '../model/state.ts';
import { targetWords, writtenAt, writtenChoice } from '../model/written.ts';
import type { WrittenChoice } from '../model/written.ts';
import type { Room } from './heads.ts';
import { headTable } from './headTable.ts';
import type { Panel } from './panel.ts';
import type { TableView } from './tableFrame.ts';

export const writtenTable = (panel: Panel, room: () => Room): TableView => headTable(panel, room, {
  label: 'What heads write', className: 'written-table',
  parts: ({ written, target, position, run }) => [written, target, position, run],
  titles: (state) => columnsOf(state).map((column) => h('div', { class: 'table-cell number', role: 'columnheader' }, column === 'effect' ? `Adds to the logit of ${targetWords(state)}` : 'Norm')),
  cells: (state, head) => columnsOf(state).map((column) => {
    const value = writtenAt(state, head, column) ?? NaN;
    return h('div', { class: 'table-cell number', role: 'gridcell', title: significant(value, 6) }, Number.isNaN(value) ? '–' : significant(value));
  }),
});

/** What the heads are ranked by stands first. */
const columnsOf = (state: State): readonly WrittenChoice[] => (writtenChoice(state) === 'effect' ? ['effect', 'norm'] : ['norm']);
