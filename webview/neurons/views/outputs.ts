/** What the neuron writes: the tokens whose logits it raises and lowers most. */
import { fixed } from '../../../src/shared/format.ts';
import type { OutputTokens, TokenEffect } from '../../../src/shared/neurons/figures.ts';
import { aboutIcon } from '../../lib/about.ts';
import { h } from '../../lib/dom.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';
import type { Panel, View } from './panel.ts';

const about = {
  label: 'About output tokens',
  text: 'What an activation of 1 adds to each logit on the direct way, by the neuron’s output weights and the unembedding with the final norm’s gain folded in (Geva et al. 2022, "Transformer feed-forward layers build predictions by promoting concepts").',
};

export function outputsView(panel: Panel): View {
  const body = h('div', { class: 'outputs' });
  const element = h('section', { 'aria-label': 'Output tokens' }, h('div', { class: 'side-title' }, h('h2', { class: 'section-head' }, 'Output tokens'), aboutIcon(about, (text) => panel.dispatch({ kind: 'said', text }))), body);
  return {
    element,
    update: ({ figures }, previous) => {
      element.hidden = figures.kind !== 'there';
      if (figures.kind === 'there' && previous?.figures !== figures) body.replaceChildren(...content(figures.value.outputTokens));
    },
  };
}

function content(outputs: OutputTokens): readonly HTMLElement[] {
  if (outputs.kind === 'none') return [h('p', { class: 'muted' }, outputs.reason)];
  return [list('Raises', outputs.top), list('Lowers', outputs.bottom)];
}

const list = (title: string, effects: readonly TokenEffect[]): HTMLElement => h('div', {},
  h('h3', { class: 'muted outputs-title' }, title),
  h('ol', { 'aria-label': title }, effects.map(({ token, effect, id }) => h('li', { class: 'output', title: `id ${id}` }, h('span', { class: 'output-token mono' }, ...tokenText(token)), h('span', { class: 'number' }, fixed(effect, 3))))));
