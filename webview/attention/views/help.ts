/** The keys of the panel. */
import { keysDialog } from '../../lib/keys.ts';
import type { KeyList } from '../../lib/keys.ts';
import type { Panel, View } from './panel.ts';

const keys: KeyList = [
  [['Ctrl+Enter'], 'Run the prompt; with a second one, both'],
  [['←', '→', '↑', '↓'], 'Move among heads, tokens, or the cells of an opened head'],
  [['Enter'], 'Open the selected head'],
  [['Escape'], 'Back to all heads, to the picture; from there, close the second prompt or the set'],
  [['[', ']'], 'Previous and next head'],
  [['Home', 'End'], 'First and last head of the layer; first and last source of the row'],
  [['Page Up', 'Page Down'], 'First and last layer; ten rows up and down'],
  [['+', '−', '0'], 'Zoom an opened head in, out, to fit; so do Ctrl and the wheel, or a pinch'],
  [['c'], 'Compare with a second prompt, or close it'],
  [['t'], 'Picture or table'],
  [['d'], 'Of two prompts the difference, or both side by side'],
  [['a'], 'Average over a set of prompts, or close it'],
  [['m'], 'The mean over a set of prompts, or the prompt alone'],
  [['/'], 'Filter the table'],
  [['s'], 'Linear or square-root scale'],
  [['Ctrl+C'], 'Copy the selected head’s address'],
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
