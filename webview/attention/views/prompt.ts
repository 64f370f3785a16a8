/** The prompt, edited in place, and beneath it its tokens as the model sees them. */
import './prompt.css';
import '../../lib/controls.ts';
import { towerNames } from '../../../src/shared/addresses.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { h } from '../../lib/dom.ts';
import { elsewhereWords, runCommand } from '../../lib/elsewhere.ts';
import { counted } from '../../../src/shared/format.ts';
import { addressOf } from '../model/heads.ts';
import { choosesPatch, pictureOf } from '../model/image.ts';
import { takesTokens } from '../model/prompt.ts';
import { hasDecoder, isStale, layerOf, missingInputs, positionOf, runTokens, shownTokens, summaryOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { weightAt } from '../pattern/rows.ts';
import { tokenStrip } from '../../lib/tokens/strip.ts';
import type { Shading } from '../../lib/tokens/strip.ts';
import { filledInputs } from './filled.ts';
import type { Panel, View } from './panel.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';

/** Rows of the text area, and CSS pixels of its padding and of a character. */
const [MOST_ROWS, PADDING, CHARACTER] = [6, 20, 7.9];

/** Rows that a text takes, at so many characters a row. */
const rowsOf = (text: string, columns: number): number => text.split('\n').reduce((rows, line) => rows + Math.max(Math.ceil(line.length / Math.max(columns, 20)), 1), 0);

export function promptView(panel: Panel): View {
  const change = (): void => panel.dispatch({ kind: 'draft', change: panel.state().draft.mode === 'text' ? { text: area.value } : { ids: area.value } });
  const area = h('vscode-text-area', { class: 'prompt-area', resize: 'none', rows: 2, spellcheck: 'false', oninput: change });
  const ids = h('vscode-checkbox', { onchange: () => panel.dispatch({ kind: 'draft', change: { mode: ids.checked ? 'ids' : 'text' } }) }, 'Token ids');
  const special = h('vscode-checkbox', { onchange: () => panel.dispatch({ kind: 'draft', change: { special: special.checked } }) }, 'Special tokens');
  const decoder = h('vscode-text-field', { class: 'prompt-decoder', spellcheck: 'false', oninput: () => panel.dispatch({ kind: 'draft', change: { decoder: decoder.value } }) }, 'Decoder');
  const problem = h('p', { class: 'prompt-problem', role: 'alert' });
  const caption = h('p', { class: 'prompt-caption muted' });
  const strip = tokenStrip('Tokens', (position) => panel.dispatch({ kind: 'choose', position }));
  const filled = filledInputs(panel);
  const elsewhere = h('div', { class: 'prompt-elsewhere' });
  const typed = h('div', {}, area, decoder, h('div', { class: 'prompt-options' }, special, ids));
  const asked = h('div', {}, typed, problem, caption, strip.element, filled.element);
  const element = h('div', { class: 'prompt' }, elsewhere, asked);

  return {
    element,
    update: (state, previous) => {
      const { draft } = state;
      if (state.model !== previous?.model) {
        elsewhere.replaceChildren(...elsewhereOf(panel, state));
        asked.hidden = elsewhere.childElementCount > 0;
        typed.hidden = !takesTokens(summaryOf(state));
      }
      const value = draft.mode === 'text' ? draft.text : draft.ids;
      if (area.value !== value) area.value = value;
      if (decoder.value !== draft.decoder) decoder.value = draft.decoder;
      decoder.hidden = !hasDecoder(state);
      decoder.placeholder = draft.mode === 'text' ? 'The decoder’s prompt; left empty, its start token' : 'The decoder’s token ids; left empty, its start token';
      if (draft !== previous?.draft || state.model !== previous.model) {
        const tokenizer = summaryOf(state)?.tokenizer;
        const lacksTokenizer = tokenizer !== undefined && 'missing' in tokenizer;
        area.placeholder = draft.mode === 'text' ? 'A prompt for the model; Ctrl+Enter runs it' : 'Token ids: 1, 2, 3';
        area.setAttribute('aria-label', draft.mode === 'text' ? 'Prompt' : 'Token ids');
        area.rows = Math.min(Math.max(rowsOf(value, Math.floor((area.clientWidth - PADDING) / CHARACTER)), 2), MOST_ROWS);
        ids.checked = draft.mode === 'ids';
        ids.disabled = lacksTokenizer && draft.mode === 'ids';
        ids.title = lacksTokenizer ? tokenizer.missing : 'Give token ids instead of text';
        special.checked = draft.special;
        special.title = 'Add the tokens that the tokenizer puts around a text';
        special.hidden = draft.mode === 'ids';
      }
      problem.textContent = state.problem ? sentence(state.problem) : '';
      problem.hidden = state.problem === null;
      const picture = pictureOf(state);
      const isPicture = picture !== undefined && choosesPatch(state, picture);
      // Both prompts' tokens stand aligned below; the patches of an image are lit on the picture.
      caption.hidden = strip.element.hidden = state.run?.difference !== undefined || isPicture || !takesTokens(summaryOf(state));
      caption.replaceChildren(...captionOf(state));
      strip.update(shownTokens(state), isStale(state) ? -1 : positionOf(state), isStale(state) ? null : shadingOf(state), panel.ink());
      filled.update(state, previous);
    },
  };
}

/** What to do where a prompt is not all that the model takes. */
function elsewhereOf(panel: Panel, state: State): readonly Node[] {
  const summary = summaryOf(state);
  const inputs = summary ? missingInputs(summary) : [];
  if (!summary || inputs.length === 0) return [];
  const command = runCommand(summary);
  return [
    h('p', {}, `This model takes ${elsewhereWords(inputs)}, which cannot be given here yet. It is run from the command line:`),
    h('p', { class: 'mono prompt-command' }, command),
    h('vscode-button', { appearance: 'secondary', onclick: () => panel.copy(command) }, 'Copy the command'),
  ];
}

/** Beside the switches: how many tokens, whether they were run, and what tints them. */
function captionOf(state: State): readonly (string | Node)[] {
  const tokens = shownTokens(state);
  if (tokens.length === 0) return [''];
  const tower = isStale(state) ? '' : state.head?.tower ?? '';
  const much = `${counted(tokens.length, 'token')}${hasDecoder(state) && tower !== '' ? ` of the ${towerNames[tower] ?? tower}` : ''}`;
  if (isStale(state)) return [state.run && !state.run.mean ? `${much} · changed since the run` : much];
  return state.head?.attention === 'self' && layerOf(state, state.head) ? [`${much} · shaded by what ${tokenAt(tokens, positionOf(state))} attends to in ${addressOf(state.head)}`] : [much];
}

/** What the chosen token attends to in the selected head. */
function shadingOf(state: State): Shading | null {
  const { head } = state;
  const layer = head && layerOf(state, head);
  // The strip stands for what the rows do; attention to another stream lights up tokens that are not there.
  if (!head || !layer || head.attention === 'cross') return null;
  const row = positionOf(state);
  return { weights: runTokens(state).map((_, col) => weightAt(layer, head.head, row, col) ?? 0), scale: state.scale };
}
