/** Keys that work anywhere in the panel. */
import { isTyping } from '../lib/keys.ts';
import { addressOf, stepHead } from './model/heads.ts';
import { headsOf, takesMore } from './model/read.ts';
import type { State } from './model/state.ts';
import type { Action } from './model/actions.ts';
import type { Panel } from './views/panel.ts';

const turn = (state: State, step: 'previous' | 'next'): Action | undefined => {
  const heads = headsOf(state);
  const head = state.head ? stepHead(heads, state.head, step) : heads[0];
  return head && { kind: state.place === 'head' ? 'open' : 'select', head };
};

const plain: Readonly<Record<string, (state: State) => Action | undefined>> = {
  '[': (state) => turn(state, 'previous'),
  ']': (state) => turn(state, 'next'),
  t: ({ table }) => ({ kind: 'table', on: !table }),
  d: ({ compare }) => (compare ? { kind: 'shown', shown: compare.shown === 'difference' ? 'side' : 'difference' } : undefined),
  a: (state) => (takesMore(state) ? { kind: 'average', on: state.average === null } : undefined),
  m: ({ average }) => (average ? { kind: 'averageShown', shown: average.shown === 'mean' ? 'prompt' : 'mean' } : undefined),
  s: ({ scale }) => ({ kind: 'scale', scale: scale === 'linear' ? 'sqrt' : 'linear' }),
  c: (state) => (takesMore(state) ? { kind: 'compare', on: state.compare === null } : undefined),
  '?': () => ({ kind: 'help', on: true }),
  Escape: (state) => (state.place === 'head' ? { kind: 'back' } : state.table ? { kind: 'table', on: false } : state.compare ? { kind: 'compare', on: false } : state.average ? { kind: 'average', on: false } : undefined),
};

export function panelKeys(panel: Panel, focusFilter: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented) return;
    const state = panel.state();
    const isControl = event.ctrlKey || event.metaKey;
    if (isControl && event.key === 'Enter') {
      event.preventDefault();
      panel.run();
      return;
    }
    // A dialog's keys are its own.
    if (document.querySelector('dialog[open]') || event.altKey) return;
    // Copying selected text is the browser's.
    if (isControl && event.key === 'c' && !isTyping(event) && state.head && window.getSelection()?.isCollapsed !== false) {
      panel.copy(addressOf(state.head));
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
