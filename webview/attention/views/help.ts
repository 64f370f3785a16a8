/** The keys of the panel. */
import { h } from '../../lib/dom.ts';
import type { Panel, View } from './panel.ts';

const keys: readonly (readonly [keys: string, what: string])[] = [
  ['Ctrl+Enter', 'Run the prompt'],
  ['Arrows', 'Move among heads, or the cursor in an opened head'],
  ['Enter', 'Open the selected head'],
  ['Escape', 'Back to all heads'],
  ['[  ]', 'Previous and next head'],
  ['Home  End', 'First and last head of the layer, or source of the row'],
  ['Page Up  Page Down', 'First and last layer, or ten rows'],
  ['+  −  0', 'Zoom an opened head in, out, to fit'],
  ['t', 'Table or picture'],
  ['/', 'Filter the table'],
  ['s', 'Linear or square-root scale'],
  ['Ctrl+C', 'Copy the selected head’s address'],
  ['?', 'This list'],
];

export function helpView(panel: Panel): View {
  const close = h('vscode-button', { appearance: 'secondary', onclick: () => element.close() }, 'Close');
  const element = h('dialog', { class: 'help', 'aria-label': 'Keys', onclose: () => panel.dispatch({ kind: 'help', on: false }) },
    h('h2', { class: 'section-head' }, 'Keys'),
    h('table', {}, h('tbody', {}, ...keys.map(([key, what]) => h('tr', {}, h('th', { class: 'mono', scope: 'row' }, key), h('td', {}, what))))),
    close);
  return {
    element,
    update: (state) => {
      if (state.help && !element.open) element.showModal();
      else if (!state.help && element.open) element.close();
    },
  };
}
