/** The cells as a table: address, what was recovered, effect, metric, spread. */
import '../../lib/controls.ts';
import './table.css';
import type { Cell } from '../../../src/shared/experiment/result.ts';
import { recovers } from '../../../src/shared/experiment/kinds.ts';
import { count as countText, significant } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { sortHead, virtualTable } from '../../lib/table/virtualTable.ts';
import { isMissing } from '../model/read.ts';
import { arrange } from '../model/rows.ts';
import type { ColumnName } from '../model/rows.ts';
import type { Run, State } from '../model/state.ts';
import { contextOf } from './context.ts';
import type { Panel, Room, View } from './panel.ts';

/** CSS pixels of the line above the table, and of the table at least. */
const [TOOLS, SHORTEST] = [36, 220];

export interface TableView extends View {
  focusFilter(): void;
  focus(): void;
}

export function tableView(panel: Panel, room: () => Room): TableView {
  const filter = h('vscode-text-field', { class: 'table-filter', placeholder: 'Filter by address', oninput: () => panel.dispatch({ kind: 'filter', text: filter.value }) });
  const note = h('span', { class: 'muted table-note' });
  let indices: Uint32Array = new Uint32Array(0);
  let arranged: readonly unknown[] = [];
  const table = virtualTable('Cells', {
    row: (at, { id, active, index }) => {
      const cell = indices[at] ?? 0;
      const { run } = panel.state();
      return h('div', {
        class: `table-row${active ? ' table-active' : ''}`, role: 'row', id, 'aria-rowindex': index + 2, 'aria-selected': String(active), 'data-vscode-context': contextOf(run, cell),
      }, ...(run ? cellsOf(run, cell) : []));
    },
    pick: (at, enter) => panel.dispatch(enter ? { kind: 'inspect', cell: indices[at] ?? null } : { kind: 'select', cell: indices[at] ?? null }),
  });
  const element = h('div', { class: 'table cells-table' }, h('div', { class: 'table-tools' }, filter, note), table.element);

  return {
    element,
    focusFilter: () => filter.focus(),
    focus: () => table.element.focus({ preventScroll: true }),
    update: (state, previous) => {
      const { run } = state;
      if (!run?.frame) return;
      filter.setAttribute('aria-label', 'Filter by address'); // The toolkit names a field anew when it is connected.
      if (filter.value !== state.filter) filter.value = state.filter;
      table.element.style.height = `${Math.max(room().height - TOOLS, SHORTEST)}px`;
      const wanted = [run.cells, state.filter, state.order];
      const at = (): number => Math.max(indices.indexOf(state.cell ?? -1), 0);
      if (!previous || wanted.some((part, index) => part !== arranged[index])) {
        arranged = wanted;
        indices = arrange(run, state.filter, state.order);
        const all = run.cells.filter((cell) => cell !== null).length;
        note.textContent = `${indices.length === all ? countText(all) : `${countText(indices.length)} of ${countText(all)}`} cells`;
        element.style.setProperty('--columns', String(columnsOf(run).length - 1));
        element.style.setProperty('--address', `${Math.max(...run.cells.map((cell) => cell?.address.length ?? 0), 8)}ch`);
        table.fill(indices.length, at(), headsOf(panel, run, state));
      } else if (state.cell !== previous.cell) table.point(at());
    },
  };
}

const titles: Readonly<Record<ColumnName, string>> = { address: 'Address', recovered: 'Recovered', effect: 'Effect', direct: 'Direct', metric: 'Metric', spread: 'Spread' };

function columnsOf({ frame }: Run): readonly ColumnName[] {
  if (!frame) return ['address'];
  return ['address', ...(recovers(frame.kind) ? ['recovered' as const] : []), 'effect', ...(frame.kind === 'causal-tracing' ? ['direct' as const] : []), 'metric', ...(frame.pairs.length > 1 ? ['spread' as const] : [])];
}

const headsOf = (panel: Panel, run: Run, { order }: State): readonly HTMLElement[] =>
  columnsOf(run).map((name) => sortHead(titleOf(name, run), name, { order, numeric: name !== 'address', sort: (next) => panel.dispatch({ kind: 'order', order: next }) }));

const titleOf = (name: ColumnName, { frame }: Run): string => (name === 'effect' && frame?.kind === 'causal-tracing' ? 'Indirect' : titles[name]);

const figures: Readonly<Record<Exclude<ColumnName, 'address'>, (cell: Cell, clean: number) => number | null>> = {
  recovered: (cell) => cell.recovered, effect: (cell) => (cell.unchanged ? null : cell.effect), direct: (cell, clean) => (cell.unchanged ? null : clean - cell.metric),
  metric: (cell) => cell.metric, spread: (cell) => cell.spread,
};

function cellsOf(run: Run, index: number): readonly HTMLElement[] {
  const cell = run.cells[index];
  if (!cell) return [];
  const state = isMissing({ run }, index) ? 'not run' : Number.isNaN(cell.metric) ? 'NaN' : cell.unchanged ? 'unchanged' : '';
  const [, ...columns] = columnsOf(run);
  return [
    h('div', { class: 'table-cell mono', role: 'gridcell' }, cell.address),
    ...columns.map((name, at) => {
      const value = name === 'address' ? null : figures[name](cell, run.frame?.clean ?? NaN);
      const text = state !== '' && at === 0 ? state : value === null || (state !== '' && Number.isNaN(value)) ? '' : significant(value);
      return h('div', { class: `table-cell number${state !== '' && at === 0 ? ' muted' : ''}`, role: 'gridcell', title: value === null ? '' : significant(value, 6) }, text);
    }),
  ];
}
