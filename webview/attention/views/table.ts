/** The same data as a table: all heads by destination, or all cells of the opened head. Only the rows that are seen are in the document. */
import './tableFurther.css';
import { count as countText } from '../../../src/shared/format.ts';
import { MOST_ROWS } from '../../lib/geometry/rows.ts';
import { addressOf, sameHead } from '../model/heads.ts';
import { axesOf, positionOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { arrange } from '../table/data.ts';
import type { TableData } from '../table/data.ts';
import type { Panel } from './panel.ts';
import type { Room } from './heads.ts';
import { tableSource } from './tableData.ts';
import { openHead, tableFrame } from './tableFrame.ts';
import type { TableView } from './tableFrame.ts';
import { columnsOf, tableRow } from './tableRow.ts';

/** Characters that the column of heads has at least, for its title. */
const SHORT = 6;

export function tableView(panel: Panel, room: () => Room): TableView {
  let data: TableData | undefined;
  let source: readonly unknown[] = [];
  let indices: Uint32Array = new Uint32Array(0);
  let arranged: readonly unknown[] = [];

  const pick = (at: number, enter: boolean): void => {
    const row = indices[at];
    const chosen = row === undefined ? undefined : data?.heads[data.head[row] ?? 0];
    if (!data || row === undefined || !chosen) return;
    panel.dispatch({ kind: 'select', head: chosen });
    panel.dispatch({ kind: 'choose', position: data.destination[row] ?? 0, source: data.source[row] ?? 0 });
    if (enter) openHead(panel, chosen);
  };
  const { table, note, fit, ...frame } = tableFrame(panel, room, { label: 'Attention weights', placeholder: 'Filter by head or token' }, {
    // There are no rows without data.
    row: (at, place) => tableRow(data as TableData, indices[at] ?? 0, (head) => axesOf(panel.state(), head), place),
    pick,
  });
  const { element } = frame;

  return {
    ...frame,
    update: (state, previous) => {
      fit(state);
      const { parts, make, title } = tableSource(panel, state);
      const wanted = [state.place, title, ...parts];
      if (!same(wanted, source)) {
        source = wanted;
        data = make();
        element.classList.toggle('table-further', data?.further !== undefined);
        element.style.setProperty('--further', String(data?.further?.length ?? 0));
        element.style.setProperty('--address', `${Math.max(...(data?.heads ?? []).map((one) => addressOf(one).length), SHORT)}ch`);
      }
      const order = [data, state.filter, state.order, title];
      if (!same(order, arranged)) {
        arranged = order;
        indices = data ? arrange(data, (head) => axesOf(state, head), state.filter, state.order) : new Uint32Array(0);
        const all = data?.head.length ?? 0;
        const capped = indices.length > MOST_ROWS ? `, the first ${countText(MOST_ROWS)} shown` : '';
        note.textContent = `${indices.length === all ? countText(all) : `${countText(indices.length)} of ${countText(all)}`} rows${capped}`;
        table.fill(indices.length, Math.max(indices.findIndex((row) => isChosen(state, data, row)), 0), columnsOf(panel, data, state.order, title));
      } else if (!previous || !sameHead(state.head, previous.head) || positionOf(state) !== positionOf(previous)) table.draw();
    },
  };
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((part, index) => part === b[index]);

/** Whether a row of the data is that of the selected head and token. */
function isChosen(state: State, data: TableData | undefined, row: number): boolean {
  const head = data?.heads[data.head[row] ?? 0] ?? null;
  return data !== undefined && sameHead(head, state.head) && data.destination[row] === positionOf(state) && (state.place === 'grid' || data.source[row] === state.source);
}
