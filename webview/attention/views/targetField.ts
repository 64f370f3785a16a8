/** The token whose logit effects are of: what the run predicts at its end, unless another one is typed. */
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import type { State } from '../model/state.ts';
import { targetWords } from '../model/written.ts';
import type { Panel } from './panel.ts';
import { showsWhenLeft } from './typedField.ts';

export interface TargetField {
  readonly element: HTMLElement;
  update(state: State): void;
}

export function targetField(panel: Panel): TargetField {
  const element = h('vscode-text-field', {
    class: 'target-field', 'aria-label': 'Token', spellcheck: 'false', title: 'One token as it would follow the prompt, its space included, or its id: #12. Empty: the token that the prompt’s end predicts',
    onchange: () => panel.dispatch({ kind: 'target', text: element.value }),
  });
  const shows = showsWhenLeft(element);
  return {
    element,
    update: (state) => {
      shows(state.target);
      element.placeholder = state.target === '' ? targetWords(state) : '';
    },
  };
}
