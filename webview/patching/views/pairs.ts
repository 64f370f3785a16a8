/** A cell's metric by pair: each, the mean and the spread; the one that is chosen is run in full. */
import { count, significant } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { cellOf } from '../model/read.ts';
import { metricWords } from '../model/words.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

/** Pairs that are listed; all of them are in the CSV. */
const MOST = 200;

export function pairsView(panel: Panel): View {
  const list = h('div', {
    class: 'pairs-list', role: 'listbox', 'aria-label': 'Pairs', tabindex: 0,
    onclick: (event) => {
      const at = [...list.children].indexOf((event.target as Element).closest('.pairs-row') ?? list);
      if (at >= 0) panel.dispatch({ kind: 'inspectPair', pair: at });
    },
    onkeydown: (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      panel.dispatch({ kind: 'inspectPair', pair: panel.state().inspectedPair + step });
    },
  });
  const head = h('p', { class: 'muted' });
  const element = h('div', { class: 'pairs' }, head, list);
  return {
    element,
    update: (state, previous) => {
      const cell = cellOf(state);
      const frame = state.run?.frame;
      element.hidden = !cell || !frame || frame.pairs.length < 2;
      if (!cell || !frame || element.hidden) return;
      if (previous && state.inspecting === previous.inspecting && cell === cellOf(previous) && state.inspectedPair === previous.inspectedPair) return;
      const more = frame.pairs.length > MOST ? `, the first ${MOST} of ${count(frame.pairs.length)} listed` : '';
      head.textContent = `${metricWords[frame.metric]} by pair: mean ${significant(cell.metric)}, spread ${cell.spread === null ? 'unknown' : significant(cell.spread)}${more}`;
      list.replaceChildren(...frame.pairs.slice(0, MOST).map(({ cleanMetric, corruptedMetric }, at) => {
        const isChosen = at === state.inspectedPair;
        return h('div', { class: `pairs-row${isChosen ? ' pairs-chosen' : ''}`, role: 'option', id: `pair-${at}`, 'aria-selected': String(isChosen) },
          h('span', { class: 'number muted' }, at + 1),
          h('span', { class: 'mono pairs-prompt' }, promptText(state, at)),
          h('span', { class: 'number' }, significant(cell.perPair[at] ?? NaN)),
          h('span', { class: 'number muted' }, `clean ${significant(cleanMetric)}${corruptedMetric === null ? '' : `, corrupted ${significant(corruptedMetric)}`}`));
      }));
      list.setAttribute('aria-activedescendant', `pair-${state.inspectedPair}`);
      list.children[state.inspectedPair]?.scrollIntoView({ block: 'nearest' });
    },
  };
}

function promptText({ run }: State, at: number): string {
  const clean = run?.experiment.pairs[at]?.clean ?? '';
  return typeof clean === 'string' ? clean.replaceAll('\n', ' ') : clean.join(', ');
}
