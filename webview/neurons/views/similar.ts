/** Neurons that are like the one that is shown: by what they write, and by where they fire. */
import { sentence } from '../../../src/shared/errors.ts';
import { fixed, percent } from '../../../src/shared/format.ts';
import type { SimilarList, SimilarNeuron } from '../../../src/shared/neurons/similar.ts';
import { aboutIcon } from '../../lib/about.ts';
import { h } from '../../lib/dom.ts';
import { neuronList } from './neuronList.ts';
import type { ListedNeuron } from './neuronList.ts';
import type { Panel, View } from './panel.ts';

const about = {
  label: 'About similar neurons',
  text: 'Write alike: the cosine of their rows of W_out as the file has them, over all layers. Fire alike: of the places in the indexed text of their 24 strongest examples, the share that they have in common (Jaccard).',
};

export function similarView(panel: Panel): View {
  const body = h('div', {});
  const element = h('section', { 'aria-label': 'Similar neurons' }, h('div', { class: 'side-title' }, h('h2', { class: 'section-head' }, 'Similar neurons'), aboutIcon(about, (text) => panel.dispatch({ kind: 'said', text }))), body);
  return {
    element,
    update: ({ similar }, previous) => {
      element.hidden = similar.kind !== 'there' && similar.kind !== 'failed';
      if (previous?.similar === similar) return;
      if (similar.kind === 'failed') body.replaceChildren(h('p', { class: 'live-problem' }, sentence(similar.error)));
      if (similar.kind !== 'there') return;
      const { weights, examples } = similar.value;
      body.replaceChildren(...listed(panel, 'Write alike', weights, ofWeights), ...listed(panel, 'Fire alike', examples, ofExamples));
    },
  };
}

function listed(panel: Panel, title: string, list: SimilarList, of: (neuron: SimilarNeuron) => ListedNeuron): readonly HTMLElement[] {
  const heading = h('h3', { class: 'muted outputs-title' }, title);
  if (list.kind === 'none') return [heading, h('p', { class: 'muted' }, list.reason)];
  return [heading, list.neurons.length === 0 ? h('p', { class: 'muted' }, 'None does') : neuronList(panel, title, list.neurons.map(of))];
}

const ofWeights = ({ address, similarity, labels }: SimilarNeuron): ListedNeuron => ({ address, words: labels[0] ?? '', figure: fixed(similarity, 3), title: 'Cosine of the output weights' });
const ofExamples = ({ address, similarity, labels }: SimilarNeuron): ListedNeuron => ({ address, words: labels[0] ?? '', figure: percent(similarity), title: 'Share of the places of both that both fire at' });
