/** What the neuron fires on, in words: one reading a cluster of its examples, how sure that is, and how well they do on another text. */
import '../../lib/controls.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { counted, fixed, percent, significant } from '../../../src/shared/format.ts';
import type { NeuronFigures } from '../../../src/shared/neurons/figures.ts';
import type { ReadingTrial, RuleTrial } from '../../../src/shared/neurons/readings.ts';
import { aboutIcon } from '../../lib/about.ts';
import { h } from '../../lib/dom.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

const about = {
  label: 'About readings',
  text: 'Examples are grouped by what their tokens and contexts share. Sure: how well rules found on one half of the examples tell the other half apart, beyond shuffled labels (Cohen’s kappa; 1 is certain, 0 is chance). A neuron with several readings has several meanings (Elhage et al. 2022, "Toy models of superposition").',
};

export function readingsView(panel: Panel): View {
  const summary = h('span', { class: 'muted readings-sure' });
  const list = h('ul', { class: 'readings-list', 'aria-label': 'Readings' });
  const others = h('div', { class: 'described' });
  const onText = h('vscode-button', { appearance: 'secondary', onclick: () => panel.test('text') }, 'Test on the text above');
  const onFile = h('vscode-button', { appearance: 'secondary', onclick: () => panel.test('file') }, 'Test on a file…');
  const result = h('div', { class: 'trial', role: 'status' });
  const element = h('section', { 'aria-label': 'Readings' },
    h('div', { class: 'side-title' }, h('h2', { class: 'section-head' }, 'Readings'), aboutIcon(about, (text) => panel.dispatch({ kind: 'said', text })), summary),
    list, others, h('div', { class: 'trial-actions' }, onText, onFile), result);
  return {
    element,
    update: (state, previous) => {
      const { figures, reading, trial, text, model } = state;
      element.hidden = figures.kind !== 'there';
      if (figures.kind !== 'there') return;
      onText.disabled = text.trim() === '' || model?.trusted !== true;
      onFile.disabled = model?.trusted !== true;
      if (previous?.figures !== figures || previous.reading !== reading) {
        const hadFocus = list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset['reading'] : undefined;
        summary.textContent = sureWords(figures.value);
        list.replaceChildren(...rows(panel, figures.value, reading));
        others.replaceChildren(...describedBy(figures.value));
        if (hadFocus !== undefined) list.querySelector<HTMLElement>(`[data-reading="${hadFocus}"]`)?.focus();
      }
      if (previous?.trial !== trial) result.replaceChildren(...trialContent(state));
    },
  };
}

function sureWords({ readings, meanings, sure }: NeuronFigures): string {
  if (readings.length === 0) return '';
  return `${meanings === 0 ? 'none that there is a word for' : counted(meanings, 'meaning')}${sure === null ? '' : `, sure ${fixed(sure, 2)}`}`;
}

function rows(panel: Panel, { readings, finished }: NeuronFigures, chosen: number | null): readonly HTMLElement[] {
  if (readings.length === 0) return [h('li', { class: 'muted' }, finished ? 'It fires too rarely to be read.' : 'Readings are made once all text is indexed.')];
  return readings.map(({ label, share, score, activation }, at) => h('li', {}, h('button', {
    class: 'reading', type: 'button', 'data-reading': at, 'aria-pressed': String(chosen === at), title: `${percent(share)} of its examples, mean activation ${significant(activation)}; a press shows these alone`, onclick: () => panel.dispatch({ kind: 'reading', reading: at }),
  }, h('span', { class: 'reading-label' }, label), h('span', { class: 'number' }, percent(share)), h('span', { class: 'number muted', title: 'How much more of its examples than of all text this holds for' }, fixed(score, 2)))));
}

/** Theirs stands apart from ours. */
function describedBy({ described }: NeuronFigures): readonly HTMLElement[] {
  if (described.length === 0) return [];
  return [h('h3', { class: 'muted outputs-title' }, 'Described by others, imported'), h('ul', { 'aria-label': 'Described by others' }, described.map(({ text, source, score }) =>
    h('li', { class: 'described-item' }, h('span', { class: 'described-text' }, text), h('span', { class: 'muted described-source' }, source), h('span', { class: 'number muted', title: 'Score, as the list has it' }, score === null ? '' : significant(score)))))];
}

function trialContent({ trial }: State): readonly HTMLElement[] {
  switch (trial.kind) {
    case 'none':
      return [];
    case 'asked':
      return [h('p', { class: 'muted' }, 'Running the text')];
    case 'failed':
      return [h('p', { class: 'live-problem' }, sentence(trial.error))];
    case 'there':
      return [trialTable(trial.value)];
    default:
      return trial satisfies never;
  }
}

const figure = (value: number | null): string => (value === null ? '–' : fixed(value, 2));

function trialTable({ tokens, fires, threshold, readings, together }: ReadingTrial): HTMLElement {
  const row = (label: string, { holds, precision, recall, correlation }: RuleTrial): HTMLElement =>
    h('tr', {}, h('th', { scope: 'row', class: 'trial-label' }, label), h('td', { class: 'number' }, holds), h('td', { class: 'number' }, figure(precision)), h('td', { class: 'number' }, figure(recall)), h('td', { class: 'number' }, figure(correlation)));
  return h('table', { class: 'trial-table' },
    h('caption', { class: 'muted' }, `Of ${counted(tokens, 'token')} it fires on ${fires}, with at least ${significant(threshold)}`),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Reading'), ...['Holds', 'Precision', 'Recall', 'Correlation'].map((head) => h('th', { scope: 'col', class: 'number' }, head)))),
    h('tbody', {}, readings.map((one) => row(one.label, one)), readings.length > 1 && row('all of them', together)));
}
