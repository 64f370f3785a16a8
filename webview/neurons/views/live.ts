/** A text that is edited here, and the neuron on each of its tokens as one types. */
import '../../lib/controls.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { significant } from '../../../src/shared/format.ts';
import type { LiveActivations } from '../../../src/shared/neurons/live.ts';
import { h } from '../../lib/dom.ts';
import { tokenStrip } from '../../lib/tokens/strip.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { limitOf } from '../model/scale.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

export interface LiveView extends View {
  focus(): void;
}

export function liveView(panel: Panel): LiveView {
  const area = h('vscode-text-area', { class: 'live-area', resize: 'none', rows: 2, spellcheck: 'false', 'aria-label': 'Text to try', placeholder: 'Type a text to see where this neuron fires', oninput: () => panel.dispatch({ kind: 'text', text: area.value }) });
  const caption = h('p', { class: 'live-caption muted' });
  const problem = h('p', { class: 'live-problem', role: 'alert' });
  const strip = tokenStrip('Tokens of the text', (position) => panel.dispatch({ kind: 'choose', position }));
  const element = h('section', { class: 'live', 'aria-label': 'Try a text' }, h('h2', { class: 'section-head' }, 'Try a text'), area, problem, caption, strip.element);
  return {
    element,
    focus: () => area.focus(),
    update: (state) => {
      const { live, text, model } = state;
      if (area.value !== text) area.value = text;
      area.disabled = model?.trusted !== true;
      problem.textContent = live.kind === 'failed' && live.error.code !== 'engine-died' ? sentence(live.error) : '';
      problem.hidden = problem.textContent === '';
      const shown = live.kind === 'there' ? live.value : { tokens: [], values: new Float32Array() };
      caption.textContent = live.kind === 'there' ? captionOf(state, live.value) : '';
      strip.update(shown.tokens, state.position, { weights: shown.values, scale: 'linear', most: limitOf(state) }, panel.ink());
    },
  };
}

function captionOf({ position }: State, { tokens, values }: LiveActivations): string {
  const at = position >= 0 && position < values.length ? position : values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
  const fires = values.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
  return `${position >= 0 ? '' : 'strongest '}${significant(values[at] ?? NaN)} at ${tokenAt(tokens, at)} · fires on ${fires} of ${tokens.length} tokens`;
}
