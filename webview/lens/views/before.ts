/** What stands in the lens's place before a run: what will, and how to have it. */
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { isEmpty } from '../../lib/text/prompt.ts';
import { canRun } from '../model/read.ts';
import type { Panel, View } from './panel.ts';

export function beforeView(panel: Panel): View {
  const hint = h('p', { class: 'muted' });
  const run = h('vscode-button', { appearance: 'secondary', title: 'Read every state of the prompt (Ctrl+Enter)', onclick: panel.run }, 'Run');
  const element = h('div', { class: 'lens-before' }, hint, run);
  return {
    element,
    update: (state) => {
      element.hidden = state.run !== null || !canRun(state);
      run.hidden = isEmpty(state.draft);
      hint.textContent = isEmpty(state.draft)
        ? 'Every state of the prompt appears here as the token it would predict, layer by layer.'
        : 'Run the prompt (Ctrl+Enter) to read each of its states as the token it would predict, layer by layer.';
    },
  };
}
