/** The neurons that fire on the chosen token of the typed text, and those that move what the model expects behind it. */
import { sentence } from '../../../src/shared/errors.ts';
import { fixed, percent, significant } from '../../../src/shared/format.ts';
import type { NeuronHere } from '../../../src/shared/neurons/here.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { h } from '../../lib/dom.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';
import { neuronList } from './neuronList.ts';
import type { ListedNeuron } from './neuronList.ts';
import type { Panel, View } from './panel.ts';

const LISTED = 8;

export function hereView(panel: Panel): View {
  const title = h('h2', { class: 'section-head' });
  const body = h('div', {});
  const element = h('section', { 'aria-label': 'Neurons at the chosen token' }, title, body);
  return {
    element,
    update: ({ here }, previous) => {
      element.hidden = here.kind === 'none';
      if (previous?.here === here || here.kind === 'none') return;
      title.replaceChildren(...(here.kind === 'there' ? ['Firing at ', h('span', { class: 'mono' }, `${plainToken(here.value.token)} @${here.value.position}`)] : ['Firing here']));
      if (here.kind === 'failed') body.replaceChildren(h('p', { class: 'live-problem' }, sentence(here.error)));
      if (here.kind !== 'there') return;
      const { firing, moving, target, noEffects } = here.value;
      const moves = `Added to the logit of “${plainToken(target.token)}” on the direct way`;
      body.replaceChildren(
        h('h3', { class: 'muted outputs-title' }, firing.every(({ ofMax }) => ofMax !== null) ? 'Activation, as a share of its maximum in the index' : 'Activation'),
        neuronList(panel, 'Firing', firing.slice(0, LISTED).map(ofFiring)),
        h('h3', { class: 'muted outputs-title' }, 'Added to the logit of “', h('span', { class: 'mono' }, ...tokenText(target.token)), '” on the direct way'),
        noEffects === '' ? neuronList(panel, moves, moving.slice(0, LISTED).map(ofMoving)) : h('p', { class: 'muted' }, noEffects));
    },
  };
}

const ofFiring = ({ address, labels, activation, ofMax }: NeuronHere): ListedNeuron =>
  ({ address, words: labels.join('; '), figure: ofMax === null ? significant(activation) : percent(ofMax), title: ofMax === null ? 'Activation' : `Activation ${significant(activation)}, as a share of its maximum in the index` });

const ofMoving = ({ address, labels, effect }: NeuronHere): ListedNeuron => ({ address, words: labels.join('; '), figure: fixed(effect ?? NaN, 3), title: 'What it adds to the logit on the direct way' });
