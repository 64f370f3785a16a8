/** The line at the bottom: what was just done, else what the index is over; and the list of keys. */
import { counted, count } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { keysDialog } from '../../lib/keys.ts';
import type { KeyList } from '../../lib/keys.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

const keys: KeyList = [
  [['[', ']'], 'Previous and next neuron'],
  [['{', '}'], 'The same neuron of the layer before and behind'],
  [['/'], 'Type an address'],
  [['e'], 'Edit the text to try'],
  [['f'], 'Find neurons'],
  [['↑', '↓'], 'Move among examples, and the tokens of the text'],
  [['Enter'], 'Open the text that an example stands in'],
  [['t'], 'Texts or table'],
  [['Ctrl+C'], 'Copy the neuron’s address'],
  [['Escape'], 'Leave the field or the table'],
  [['?'], 'This list'],
];

export function statusView(panel: Panel): View {
  const line = h('div', { class: 'status-line', role: 'status', 'aria-live': 'polite' });
  const dialog = keysDialog(keys);
  dialog.addEventListener('close', () => panel.dispatch({ kind: 'help', on: false }));
  const help = h('vscode-button', { appearance: 'icon', 'aria-label': 'Keys', title: 'Keys (?)', onclick: () => panel.dispatch({ kind: 'help', on: true }) }, '?');
  return {
    element: h('footer', { class: 'status' }, line, help, dialog),
    update: (state) => {
      const text = state.said === '' ? atRest(state) : state.said;
      if (line.textContent !== text) line.textContent = text;
      if (state.help && !dialog.open) dialog.showModal();
      else if (!state.help && dialog.open) dialog.close();
    },
  };
}

function atRest({ index }: State): string {
  if (index.kind !== 'there' || index.value.kind !== 'usable') return '';
  const { tokens, texts, neurons } = index.value;
  return `Index of ${count(neurons)} neurons over ${counted(tokens, 'token')} of ${texts.length === 1 ? texts[0] ?? '' : counted(texts.length, 'file')}`;
}
