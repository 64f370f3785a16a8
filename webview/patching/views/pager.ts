/** Which of the pairs is shown, and more or fewer of them. */
import '../../lib/controls.ts';
import { count } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import type { IconName } from '../../lib/icons.ts';
import { saidOf } from '../model/problems.ts';
import type { Panel, View } from './panel.ts';

export function pagerView(panel: Panel): View {
  const button = (name: IconName, label: string, onclick: () => void) => h('vscode-button', { appearance: 'icon', 'aria-label': label, title: label, onclick }, icon(name));
  const step = (by: number) => (): void => panel.dispatch({ kind: 'showPair', pair: panel.state().pair + by });
  const [previous, next] = [button('back', 'Previous pair', step(-1)), button('expand', 'Next pair', step(1))];
  const [add, remove] = [button('add', 'Add a pair', () => panel.dispatch({ kind: 'addPair' })), button('remove', 'Remove this pair', () => panel.dispatch({ kind: 'removePair' }))];
  const where = h('span', { class: 'muted number', role: 'status' });
  const problem = h('p', { class: 'field-problem', role: 'alert' });
  const element = h('span', { class: 'pager', role: 'group', 'aria-label': 'Pairs' }, previous, where, next, add, remove, problem);
  return {
    element,
    update: (state) => {
      const pairs = state.form.pairs.length;
      where.textContent = pairs === 1 ? '1 pair' : `pair ${count(state.pair + 1)} of ${count(pairs)}`;
      previous.hidden = next.hidden = remove.hidden = pairs === 1;
      previous.disabled = state.pair === 0;
      next.disabled = state.pair === pairs - 1;
      const said = saidOf(state, 'pairs');
      if (problem.textContent !== said) problem.textContent = said;
      problem.hidden = said === '';
    },
  };
}
