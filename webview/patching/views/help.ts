/** The keys of the panel. */
import { keysDialog } from '../../lib/keys.ts';
import type { KeyList } from '../../lib/keys.ts';
import type { Panel, View } from './panel.ts';

const keys: KeyList = [
  [['Ctrl+Enter'], 'Run, or go on where a run stopped'],
  [['←', '→', '↑', '↓'], 'Move among cells, and from map to map'],
  [['Enter'], 'Show the cell’s patched run; Escape closes it'],
  [['Home', 'End'], 'First and last cell of the row'],
  [['Page Up', 'Page Down'], 'Ten rows up and down'],
  [['t'], 'Picture or table'],
  [['/'], 'Filter the table'],
  [['Ctrl+C'], 'Copy the selected cell’s address'],
  [['?'], 'This list'],
];

export function helpView(panel: Panel): View {
  const element = keysDialog(keys);
  element.addEventListener('close', () => panel.dispatch({ kind: 'help', on: false }));
  return {
    element,
    update: (state) => {
      if (state.help && !element.open) element.showModal();
      else if (!state.help && element.open) element.close();
    },
  };
}
