/** The most probable tokens at the chosen position. */
import './predictions.css';
import type { Prediction } from '../../../src/shared/protocol/engineApi.ts';
import { h } from '../../lib/dom.ts';
import { givenElsewhere } from '../../lib/elsewhere.ts';
import { percent, significant } from '../../../src/shared/format.ts';
import { predictedPosition, predictedTokens, summaryOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { View } from './panel.ts';
import { tokenAt, tokenText } from './tokenText.ts';

export function predictionsView(): View {
  const head = h('h2', { class: 'section-head' }, 'Predictions');
  const where = h('span', { class: 'predictions-where mono muted' });
  const note = h('p', { class: 'muted' });
  const list = h('ol', { class: 'predictions-list' });
  const element = h('section', { class: 'predictions', 'aria-label': 'Predictions' }, h('div', { class: 'predictions-head' }, head, where), note, list);
  return {
    element,
    update: (state, previous) => {
      if (previous && state.predictions === previous.predictions && state.run === previous.run && state.position === previous.position && state.head === previous.head && state.model === previous.model) return;
      const summary = summaryOf(state);
      element.hidden = summary !== null && givenElsewhere(summary).length > 0;
      const value = state.predictions?.value ?? null;
      const text = noteOf(state);
      note.textContent = text;
      note.hidden = text === '';
      where.textContent = value ? `${isNext(state) ? 'after' : 'at'} ${tokenAt(predictedTokens(state), value.position)}` : '';
      element.classList.toggle('predictions-old', value !== null && value.position !== predictedPosition(state));
      list.replaceChildren(...(value?.top ?? []).map((prediction) => row(prediction, value?.position ?? 0)));
      list.hidden = list.childElementCount === 0;
    },
  };
}

/** A causal model predicts what comes next, another one what stands there. */
const isNext = (state: State): boolean => summaryOf(state)?.towers.at(-1)?.causal ?? true;

function noteOf(state: State): string {
  const { run, predictions } = state;
  if (predictions?.value?.nan) return 'The logits hold NaN, so there is no prediction.';
  if (predictions?.value) return '';
  if (!run) return 'The ten most probable tokens stand here after a run.';
  switch (run.phase) {
    case 'starting':
    case 'running':
      return 'They come with the last stage.';
    case 'cancelled':
      return 'The run was cancelled before its last stage.';
    case 'failed':
      return 'The run did not reach its last stage.';
    case 'done':
      return 'This model has no vocabulary output.';
    default:
      return run.phase satisfies never;
  }
}

function row({ id, text, logit, probability }: Prediction, position: number): HTMLElement {
  const bar = h('span', { class: 'predictions-bar' });
  bar.style.width = `${probability * 100}%`;
  return h('li', { class: 'predictions-row', title: `probability ${significant(probability)} · logit ${significant(logit, 5)} · id ${id} · position ${position}` },
    h('span', { class: 'predictions-token mono' }, ...tokenText(text)),
    h('span', { class: 'predictions-track' }, bar),
    h('span', { class: 'number' }, percent(probability)));
}
