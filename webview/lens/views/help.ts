/** The keys of the panel. */
import { keysDialog } from '../../lib/keys.ts';
import type { Panel, View } from './panel.ts';

export function helpView(panel: Panel): View {
  const element = keysDialog([
    [['Ctrl+Enter'], 'Run the prompt'],
    [['←', '→', '↑', '↓'], 'Move among states and positions'],
    [['Shift+←', 'Shift+→'], 'Take the logit apart at several positions: their mean'],
    [['Home', 'End'], 'First and last position'],
    [['Page Up', 'Page Down'], 'First and last state'],
    [['m'], 'Tint by the next number'],
    [['Ctrl+C'], 'Copy the selected state’s address'],
    [['?'], 'This list'],
  ]);
  element.addEventListener('close', () => panel.dispatch({ kind: 'help', on: false }));
  return {
    element,
    update: (state) => {
      if (state.help && !element.open) element.showModal();
      else if (!state.help && element.open) element.close();
    },
  };
}
