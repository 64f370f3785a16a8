/** The question: the prompt, and the tokens that are asked about. */
import '../../lib/controls.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { h } from '../../lib/dom.ts';
import { elsewhereWords, givenElsewhere } from '../../lib/elsewhere.ts';
import { hasDecoder, summaryOf } from '../model/read.ts';
import type { Draft } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

export function askView(panel: Panel): View {
  const change = (part: Partial<Draft>): void => panel.dispatch({ kind: 'draft', change: part });
  const area = h('vscode-text-area', { class: 'ask-area', resize: 'none', rows: 2, spellcheck: 'false', oninput: () => change(panel.state().draft.mode === 'text' ? { text: area.value } : { ids: area.value }) });
  const decoder = h('vscode-text-field', { class: 'ask-decoder', spellcheck: 'false', oninput: () => change({ decoder: decoder.value }) }, 'Decoder');
  const special = h('vscode-checkbox', { title: 'Add the tokens that the tokenizer puts around a text', onchange: () => change({ special: special.checked }) }, 'Special tokens');
  const ids = h('vscode-checkbox', { onchange: () => change({ mode: ids.checked ? 'ids' : 'text' }) }, 'Token ids');
  const target = h('vscode-text-field', { class: 'ask-token', spellcheck: 'false', placeholder: 'token, or #id', title: 'One token as it would follow the prompt, its space included, or its id: #12', oninput: () => change({ target: target.value }) }, 'Token');
  const distractor = h('vscode-text-field', { class: 'ask-token', spellcheck: 'false', placeholder: 'none', title: 'Every part is then of the difference of the two logits', oninput: () => change({ distractor: distractor.value }) }, 'Less token');
  const problem = h('p', { class: 'ask-problem', role: 'alert' });
  const elsewhere = h('p', { class: 'muted' });
  const asked = h('div', { class: 'ask' }, area, decoder, h('div', { class: 'ask-options' }, target, distractor, special, ids), problem);
  const element = h('div', { class: 'ask-place' }, elsewhere, asked);
  return {
    element,
    update: (state, previous) => {
      const { draft, model } = state;
      const summary = summaryOf(state);
      const inputs = summary ? givenElsewhere(summary) : [];
      elsewhere.textContent = inputs.length > 0 ? `This model takes ${elsewhereWords(inputs)}, which cannot be given here yet.` : '';
      elsewhere.hidden = inputs.length === 0;
      asked.hidden = inputs.length > 0;
      const shows = (field: { value: string }, value: string): void => {
        if (field.value !== value) field.value = value;
      };
      shows(area, draft.mode === 'text' ? draft.text : draft.ids);
      shows(decoder, draft.decoder);
      decoder.hidden = !hasDecoder(state);
      decoder.placeholder = draft.mode === 'text' ? 'The decoder’s prompt; left empty, its start token' : 'The decoder’s token ids; left empty, its start token';
      shows(target, draft.target);
      shows(distractor, draft.distractor);
      if (draft !== previous?.draft || model !== previous.model) {
        area.placeholder = draft.mode === 'text' ? 'A prompt for the model; Ctrl+Enter runs it' : 'Token ids: 1, 2, 3';
        area.setAttribute('aria-label', draft.mode === 'text' ? 'Prompt' : 'Token ids');
        const lacks = summary !== null && 'missing' in summary.tokenizer;
        ids.checked = draft.mode === 'ids';
        ids.disabled = lacks && draft.mode === 'ids';
        special.checked = draft.special;
        special.hidden = draft.mode === 'ids';
      }
      problem.textContent = state.problem ? sentence(state.problem) : '';
      problem.hidden = state.problem === null;
    },
  };
}
