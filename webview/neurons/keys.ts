/** Keys that work anywhere in the panel. */
import { isTyping } from '../lib/keys.ts';
import type { Step } from './model/neurons.ts';
import type { Panel } from './views/panel.ts';

const steps: Readonly<Record<string, Step>> = { '[': 'previous', ']': 'next', '{': 'previous layer', '}': 'next layer' };

export interface Fields {
  focusAddress(): void;
  focusText(): void;
  focusFind(): void;
}

export function panelKeys(panel: Panel, fields: Fields): (event: KeyboardEvent) => void {
  const plain: Readonly<Record<string, () => void>> = {
    '/': fields.focusAddress,
    e: fields.focusText,
    f: fields.focusFind,
    t: () => panel.dispatch({ kind: 'table', on: !panel.state().table }),
    '?': () => panel.dispatch({ kind: 'help', on: true }),
    Escape: () => panel.dispatch({ kind: 'table', on: false }),
  };
  return (event) => {
    const state = panel.state();
    if (event.defaultPrevented || state.help || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      // Copying selected text is the browser's.
      if (event.key === 'c' && !isTyping(event) && state.address !== null && window.getSelection()?.isCollapsed !== false) panel.copy(state.address);
      return;
    }
    if (isTyping(event)) return;
    const step = steps[event.key];
    const act = plain[event.key];
    if (step === undefined && !act) return;
    event.preventDefault();
    if (step !== undefined) panel.step(step);
    else act?.();
  };
}
