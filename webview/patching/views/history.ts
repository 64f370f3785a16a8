/** Runs that the host keeps: to be shown again, run again, or two of them compared. */
import '../../lib/controls.ts';
import './history.css';
import type { HistoryEntry } from '../../../src/shared/protocol/panelApi.ts';
import { counted } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import { timeWords } from '../model/words.ts';
import type { Panel, View } from './panel.ts';

export function historyView(panel: Panel): View {
  const summary = h('summary', { class: 'section-head' });
  const compare = h('vscode-button', { appearance: 'secondary', title: 'Open two results against each other, in the diff editor', onclick: () => panel.compareHistory() }, 'Compare');
  const hint = h('span', { class: 'muted' });
  const list = h('ol', { class: 'history-list' });
  const element = h('details', { class: 'history' }, summary, h('div', { class: 'history-top' }, compare, hint), list);
  return {
    element,
    update: ({ history, picked }, previous) => {
      element.hidden = history.length === 0;
      if (previous && history === previous.history && picked === previous.picked) return;
      summary.textContent = `History · ${counted(history.length, 'run')}`;
      compare.disabled = picked.length !== 2;
      hint.textContent = picked.length === 2 ? '' : 'Tick two runs to compare them.';
      if (!previous || history !== previous.history) list.replaceChildren(...history.map((entry) => entryRow(panel, entry)));
      for (const box of list.querySelectorAll('vscode-checkbox')) box.checked = picked.includes(box.dataset['id'] ?? '');
    },
  };
}

function entryRow(panel: Panel, { id, at, title, result, complete }: HistoryEntry): HTMLElement {
  const box = h('vscode-checkbox', { 'data-id': id, 'aria-label': `Compare ${title}`, onchange: () => panel.dispatch({ kind: 'pick', id, on: box.checked }) });
  return h('li', { class: 'history-row' },
    box,
    h('button', { class: 'link history-title', type: 'button', title: 'Show this run', onclick: () => panel.openHistory(id) }, title),
    h('span', { class: 'muted history-time number' }, timeWords(at)),
    h('span', { class: 'history-result muted' }, result, !complete && ' · stopped before its end'),
    h('vscode-button', { class: 'history-again', appearance: 'icon', 'aria-label': `Run again: ${title}`, title: 'Run this again', onclick: () => panel.rerunHistory(id) }, icon('run')));
}
