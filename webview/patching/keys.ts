/** Keys that work anywhere in the panel. */
import { isTyping } from '../lib/keys.ts';
import type { Action } from './model/actions.ts';
import { cellOf, isRunning } from './model/read.ts';
import type { State } from './model/state.ts';
import type { Panel } from './views/panel.ts';

const plain: Readonly<Record<string, (state: State) => Action | undefined>> = {
  t: ({ table }) => ({ kind: 'table', on: !table }),
  '?': () => ({ kind: 'help', on: true }),
  Escape: ({ table, inspecting }) => (inspecting ? { kind: 'inspect', cell: null } : table ? { kind: 'table', on: false } : undefined),
};

export function panelKeys(panel: Panel, { runOn, focusFilter }: { readonly runOn: () => void; readonly focusFilter: () => void }): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented) return;
    const state = panel.state();
    const isControl = event.ctrlKey || event.metaKey;
    if (isControl && event.key === 'Enter') {
      event.preventDefault();
      if (!isRunning(state.run)) runOn();
      return;
    }
    if (state.help || event.altKey) return;
    const cell = cellOf(state);
    // Copying selected text is the browser's.
    if (isControl && event.key === 'c' && !isTyping(event) && cell && window.getSelection()?.isCollapsed !== false) {
      panel.copy(cell.address);
      return;
    }
    if (isControl || (isTyping(event) && event.key !== 'Escape')) return;
    if (event.key === '/') {
      event.preventDefault();
      panel.dispatch({ kind: 'table', on: true });
      focusFilter();
      return;
    }
    const action = plain[event.key]?.(state);
    if (!action) return;
    event.preventDefault();
    panel.dispatch(action);
  };
}
