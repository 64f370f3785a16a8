/** The strongest cells, as a list beside the maps. */
import { significant } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { rove, refreshRove } from '../../lib/rove.ts';
import { limitOf, measureOf } from '../model/measure.ts';
import { strongestCells } from '../model/strongestCells.ts';
import { measureName, shortAddress } from '../model/words.ts';
import { contextOf } from './context.ts';
import type { Panel, View } from './panel.ts';

const MOST = 12;

export function strongestView(panel: Panel): View {
  const title = h('h3', { class: 'cell-title' });
  const list = h('ol', { class: 'strongest-list' });
  const element = h('div', { class: 'strongest' }, title, list);
  rove(list);
  return {
    element,
    update: (state, previous) => {
      const { run } = state;
      element.hidden = !run?.frame || run.cells.length < 2;
      if (!run?.frame || (previous && run.cells === previous.run?.cells && state.cell === previous.cell && state.measure === previous.measure)) return;
      const measure = measureOf(state);
      const limit = limitOf(run.cells, measure);
      title.textContent = `Strongest by ${measureName(measure, run.frame.kind)}`;
      const focused = list.contains(document.activeElement) ? document.activeElement?.getAttribute('data-cell') : null;
      list.replaceChildren(...strongestCells(run, measure, MOST).map(({ index, value }) => {
        const bar = h('span', { class: `strongest-bar${value < 0 ? ' strongest-below' : ''}` });
        bar.style.width = `${Math.min(Math.abs(value) / limit, 1) * 100}%`;
        return h('li', { 'data-rove-row': true }, h('button', {
          class: `strongest-row${index === state.cell ? ' strongest-chosen' : ''}`, type: 'button', 'data-rove': true, 'data-cell': index, tabindex: -1, 'data-vscode-context': contextOf(run, index),
          title: run.cells[index]?.address ?? '', 'aria-current': index === state.cell ? 'true' : null, onclick: () => panel.dispatch({ kind: 'inspect', cell: index }),
        }, h('span', { class: 'mono strongest-address' }, shortAddress(run.cells[index]?.address ?? '')), h('span', { class: 'strongest-track' }, bar), h('span', { class: 'number' }, significant(value))));
      }));
      refreshRove(list);
      if (focused !== null && focused !== undefined) list.querySelector<HTMLElement>(`[data-cell="${focused}"]`)?.focus();
    },
  };
}
