/** The most probable tokens at the chosen position. */
import './predictions.css';
import { predictionRow } from '../../lib/predictions/row.ts';
import { h } from '../../lib/dom.ts';
import { takesTokens } from '../model/prompt.ts';
import { missingInputs, predictedPosition, predictedTokens, summaryOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { View } from './panel.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';

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
      element.hidden = summary !== null && missingInputs(summary).length > 0;
      const value = state.predictions?.value ?? null;
      const text = noteOf(state);
      note.textContent = text;
      note.hidden = text === '';
      const isOfClasses = !takesTokens(summary);
      where.textContent = value && !isOfClasses ? `${isNext(state) ? 'after' : 'at'} ${tokenAt(predictedTokens(state), value.position)}` : '';
      element.classList.toggle('predictions-old', value !== null && value.position !== predictedPosition(state));
      list.replaceChildren(...(value?.top ?? []).map((prediction) => predictionRow(prediction, value?.position ?? 0, isOfClasses)));
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
  if (run?.difference) return 'Each prompt’s predictions stand here when it is shown.';
  if (run?.mean) return 'A mean over prompts predicts nothing: each prompt has predictions of its own.';
  if (!run) return `The ten most probable ${takesTokens(summaryOf(state)) ? 'tokens' : 'classes'} stand here after a run.`;
  switch (run.phase) {
    case 'starting':
    case 'running':
      return 'They come with the last stage.';
    case 'cancelled':
      return 'The run was cancelled before its last stage.';
    case 'failed':
      return 'The run did not reach its last stage.';
    case 'done':
      return `This model has no ${takesTokens(summaryOf(state)) ? 'vocabulary output' : 'output that is known to score classes'}.`;
    default:
      return run.phase satisfies never;
  }
}
