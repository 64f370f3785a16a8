/** What the neuron is, and its figures over the indexed texts. */
import { count, counted, percent, significant } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { parseShort } from '../../../src/shared/addresses.ts';
import { layerOf, neuronsOf } from '../model/neurons.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

export function figuresView(panel: Panel): View {
  const what = h('p', { class: 'neuron-what' });
  const said = h('p', { class: 'neuron-figures muted', role: 'status' });
  const make = h('vscode-button', { onclick: panel.makeIndex }, 'Index neurons…');
  const empty = h('div', { class: 'neuron-empty' }, h('p', {}, 'What a neuron fires on is told from texts of yours, once they are indexed.'), make);
  return {
    element: h('section', { class: 'figures', 'aria-label': 'Figures' }, what, said, empty),
    update: (state) => {
      const { index, model } = state;
      what.textContent = whatText(state);
      said.textContent = figuresText(state);
      said.hidden = said.textContent === '';
      empty.hidden = !(index.kind === 'there' && index.value.kind === 'none');
      make.disabled = model?.trusted !== true;
    },
  };
}

function whatText({ model, address }: State): string {
  const short = address === null ? undefined : parseShort(address);
  const layer = address === null ? undefined : layerOf(neuronsOf(model), address);
  if (short?.kind !== 'neuron' || !layer) return '';
  return `Neuron ${short.neuron}${layer.neurons === null ? '' : ` of ${count(layer.neurons)}`} in the MLP of layer ${layer.layer}, ${layer.activation}${layer.gated ? ', gated' : ''}`;
}

function figuresText({ figures, index }: State): string {
  if (figures.kind === 'asked') return 'Reading the index';
  if (figures.kind !== 'there') return index.kind === 'asked' ? 'Looking at the index' : '';
  const { firingRate, tokens, mean, max, dead, dense } = figures.value;
  const flag = dead ? ' · dead: it fires on no token' : dense ? ' · dense: it fires on more than half of the tokens' : '';
  return `Fires on ${percent(firingRate)} of ${counted(tokens, 'token')} · mean ${significant(mean)} · maximum ${significant(max)}${flag}`;
}
