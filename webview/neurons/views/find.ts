/** Looks for neurons: by what they fire on, what they write and how often they fire; without a question, the clearest and the most mixed of the layer. */
import '../../lib/controls.ts';
import { parseShort } from '../../../src/shared/addresses.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { count, percent } from '../../../src/shared/format.ts';
import type { NeuronLayer } from '../../../src/shared/neurons/figures.ts';
import type { FoundNeuron } from '../../../src/shared/neurons/search.ts';
import { h } from '../../lib/dom.ts';
import { rates } from '../model/rates.ts';
import type { Query, State } from '../model/state.ts';
import { neuronList } from './neuronList.ts';
import type { ListedNeuron } from './neuronList.ts';
import type { Panel, View } from './panel.ts';

const LISTED = 6;

export interface FindView extends View {
  focus(): void;
}

const ways: readonly (readonly [by: Query['by'], label: string])[] = [['token', 'fire on'], ['raises', 'raise'], ['lowers', 'lower'], ['described', 'are described as']];

export function findView(panel: Panel): FindView {
  const change = (query: Partial<Query>): void => panel.dispatch({ kind: 'query', query });
  const by = h('select', { class: 'find-select', 'aria-label': 'What the word is to the neurons', onchange: () => change({ by: ways[by.selectedIndex]?.[0] ?? 'token' }) }, ways.map(([, label]) => h('option', {}, label)));
  const text = h('input', { class: 'find-text', type: 'search', placeholder: 'a word', 'aria-label': 'Find neurons by a word', spellcheck: 'false', oninput: () => change({ text: text.value }) });
  const rate = h('select', { class: 'find-select', 'aria-label': 'How often they fire', onchange: () => change({ rate: rate.selectedIndex }) }, rates.map(({ label }) => h('option', {}, label)));
  const layer = h('vscode-checkbox', { onchange: () => change({ inLayer: layer.checked }) }, 'This layer');
  const status = h('p', { class: 'muted', role: 'status' });
  const results = h('div', {});
  const element = h('section', { 'aria-label': 'Find neurons' }, h('h2', { class: 'section-head' }, 'Find neurons'), h('div', { class: 'find' }, by, text, rate, layer), status, results);
  return {
    element,
    focus: () => text.focus(),
    update: (state, previous) => {
      const { index, query, found, layers, address } = state;
      element.hidden = !(index.kind === 'there' && index.value.kind === 'usable');
      if (text.value !== query.text) text.value = query.text;
      by.selectedIndex = ways.findIndex(([way]) => way === query.by);
      rate.selectedIndex = query.rate;
      layer.checked = query.inLayer;
      if (previous && found === previous.found && layers === previous.layers && address === previous.address) return;
      status.textContent = statusOf(state);
      results.replaceChildren(...(found.kind === 'there'
        ? [neuronList(panel, 'Found', found.value.found.map(listed))]
        : found.kind === 'none' ? listsOf(panel, layerOf(state)) : []));
    },
  };
}

const listed = ({ address, labels, firingRate, share, described }: FoundNeuron): ListedNeuron => ({
  address, words: described ? `“${described.text}” (${described.source})` : labels.join('; '), figure: percent(share ?? firingRate), title: share === undefined ? 'Share of the tokens that it fires on' : 'Share of its examples on this word',
});

function statusOf({ found }: State): string {
  if (found.kind === 'failed') return sentence(found.error);
  if (found.kind !== 'there') return '';
  return found.value.of === 0 ? 'No neuron does' : found.value.found.length < found.value.of ? `The first ${found.value.found.length} of ${count(found.value.of)}` : `${count(found.value.of)} found`;
}

function layerOf({ layers, address }: State): NeuronLayer | undefined {
  const short = address === null ? undefined : parseShort(address);
  return layers.kind === 'there' && short?.kind === 'neuron' ? layers.value.find(({ layer }) => layer === short.layer) : undefined;
}

function listsOf(panel: Panel, layer: NeuronLayer | undefined): readonly HTMLElement[] {
  if (!layer) return [];
  const lists = [[`Clearest of layer ${layer.layer}`, layer.monosemantic], [`Most meanings in layer ${layer.layer}`, layer.polysemantic]] as const;
  return lists.flatMap(([title, neurons]) => (neurons.length === 0 ? [] : [
    h('h3', { class: 'muted outputs-title' }, title),
    neuronList(panel, title, neurons.slice(0, LISTED).map(({ address, labels, meanings, sure }) => ({ address, words: labels.join('; '), figure: String(meanings), title: `${meanings} meanings, sure ${sure.toFixed(2)}` }))),
  ]));
}
