/** Where the neuron fires in the indexed texts: from the strongest of all tokens down to those that leave it cold. */
import { count, percent, significant } from '../../../src/shared/format.ts';
import type { NeuronExample, NeuronFigures } from '../../../src/shared/neurons/figures.ts';
import { h } from '../../lib/dom.ts';
import { refreshRove, rove } from '../../lib/rove.ts';
import { groupsOf, SHOWN, shownOf } from '../model/groups.ts';
import type { Group } from '../model/groups.ts';
import { scaleOf } from '../model/scale.ts';
import { exampleKey } from '../model/state.ts';
import type { State } from '../model/state.ts';
import { contextElement } from './context.ts';
import type { Panel, View } from './panel.ts';

export function examplesView(panel: Panel): View {
  const element = h('section', { class: 'examples', 'aria-label': 'Examples' });
  rove(element);
  return {
    element,
    update: (state, previous) => {
      const { figures, shades, unfolded } = state;
      if (previous && figures === previous.figures && shades === previous.shades && unfolded === previous.unfolded && state.reading === previous.reading) return;
      const focused = element.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['key'] : undefined;
      element.replaceChildren(...(figures.kind === 'there' ? groupsOf(figures.value.examples, state.reading).map((group) => groupElement(panel, state, figures.value, group)) : []));
      if (focused !== undefined) element.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
      refreshRove(element);
    },
  };
}

function groupElement(panel: Panel, state: State, figures: NeuronFigures, group: Group): HTMLElement {
  const { unfolded } = state;
  const isOpen = unfolded.includes(group.id);
  const more = group.examples.length > SHOWN && h('button', {
    class: 'link', type: 'button', 'data-rove': true, 'data-key': `more ${group.id}`, onclick: () => panel.dispatch({ kind: 'unfold', group: group.id, on: !isOpen }),
  }, isOpen ? 'Show fewer' : `Show all ${count(group.examples.length)}`);
  return h('div', { class: 'group' },
    h('h2', { class: 'section-head' }, group.title),
    h('ul', { 'aria-label': group.title }, shownOf(group, unfolded).map((example) => row(panel, state, figures, example))),
    more && h('div', { 'data-rove-row': true, class: 'group-more' }, more));
}

function row(panel: Panel, { shades }: State, figures: NeuronFigures, example: NeuronExample): HTMLElement {
  const { activation, context, quantile, file, record } = example;
  const key = exampleKey(example);
  return h('li', { class: 'example', 'data-rove-row': true },
    h('button', {
      class: 'example-button', type: 'button', 'data-rove': true, 'data-key': key, title: `${significant(activation)}, no less than ${percent(quantile)} of the tokens · ${file}:${record}\nEnter or a click opens the text`,
      onclick: () => panel.openText(example),
    },
    h('span', { class: 'example-value number' }, significant(activation)),
    contextElement({ context, values: shades.get(key), activation, limit: scaleOf(figures) }, panel.ink())));
}
