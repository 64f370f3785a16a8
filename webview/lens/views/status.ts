/** The line at the bottom: the cell under pointer or cursor in words, spoken as it changes. */
import { h } from '../../lib/dom.ts';
import { cellWords } from '../model/read.ts';
import type { Panel, View } from './panel.ts';

export interface StatusView extends View {
  say(text: string): void;
}

export function statusView(panel: Panel): StatusView {
  const line = h('div', { class: 'status-line mono', role: 'status', 'aria-live': 'polite' });
  const help = h('vscode-button', { appearance: 'icon', 'aria-label': 'Keys', title: 'Keys (?)', onclick: () => panel.dispatch({ kind: 'help', on: true }) }, '?');
  const element = h('footer', { class: 'status' }, line, help);
  let pointed = '';
  const show = (): void => {
    const { said, cell } = panel.state();
    const text = pointed !== '' ? pointed : said !== '' ? said : cell ? cellWords(panel.state(), cell) : '';
    if (line.textContent !== text) line.textContent = text;
  };
  return {
    element,
    say: (text) => {
      pointed = text;
      show();
    },
    update: (state, previous) => {
      // A key that moved the cursor says more than a pointer that happens to rest somewhere.
      if (state.cell !== previous?.cell || state.said !== previous?.said) pointed = '';
      show();
    },
  };
}
