/** The tokens whose logits a head raises and lowers most at the chosen token: in this run, or if it attended to the source under the cursor alone. */
import '../../lib/controls.ts';
import { fixed } from '../../../src/shared/format.ts';
import { pictureFormats, pictureWords } from '../../lib/export/picture.ts';
import type { HeadWrites } from '../../../src/shared/protocol/attentionApi.ts';
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { addressOf } from '../model/heads.ts';
import { isMade, positionOf, runTokens, sourceTokens } from '../model/read.ts';
import { writings } from '../model/writing.ts';
import type { Writing } from '../model/writing.ts';
import type { State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

const writingWords: Readonly<Record<Writing, string>> = { run: 'in this run', state: 'of one source, as it is here', embedding: 'of one source’s embedding' };

const writingAbout: Readonly<Record<Writing, string>> = {
  run: 'Logits, at the final norm’s scale in this run; raw weights.',
  state: 'Logits at weight 1 on that source alone, its state as it is in this run, at the final norm’s scale here; raw weights. Times the weight it is what the source adds.',
  embedding: 'Logits at weight 1 on that source’s token embedding, through the layer’s own norm and values (the OV circuit, Elhage et al. 2021), at the final norm’s scale here; raw weights.',
};

export function writesView(panel: Panel): View {
  const title = h('h3', { class: 'large-strip-head' });
  const choice = h('vscode-dropdown', { class: 'writes-choice', 'aria-label': 'What is read', title: 'Of what the head writes', onchange: () => panel.dispatch({ kind: 'writing', writing: writings.find((one) => one === choice.value) ?? 'run' }) },
    ...writings.map((one) => h('vscode-option', { value: one }, writingWords[one])));
  const answer = h('div', {});
  const element = h('div', {}, title, choice, answer);
  let told: readonly unknown[] = [];
  return {
    element,
    update: (state) => {
      element.hidden = state.run?.phase !== 'done' || isMade(state.run);
      if (element.hidden) return;
      if (state.head) element.dataset['vscodeContext'] = contextOf('head', addressOf(state.head), 'writes');
      if (choice.value !== state.writing) choice.value = state.writing;
      const writes = panel.writes.peek(state);
      const next = [writes, state.writing, positionOf(state), state.source, runTokens(state), sourceTokens(state)];
      if (next.every((part, index) => part === told[index])) return;
      told = next;
      title.replaceChildren(...titleOf(state));
      answer.replaceChildren(...answerOf(panel, state, writes));
    },
  };
}

function titleOf(state: State): readonly (Node | string)[] {
  const token = (text: string): HTMLElement => h('span', { class: 'mono' }, text);
  const at = token(tokenAt(runTokens(state), positionOf(state)));
  if (state.writing === 'run') return ['What this head writes at ', at];
  return ['What this head would write at ', at, ' of ', token(tokenAt(sourceTokens(state), state.source)), ' alone'];
}

function answerOf(panel: Panel, { writing }: State, writes: HeadWrites | string | undefined): readonly Node[] {
  if (writes === undefined) return [h('p', { class: 'muted' }, 'Reading…')];
  if (typeof writes === 'string') return [h('p', { class: 'muted' }, writes)];
  const list = (name: string, effects: HeadWrites['top']): HTMLElement => h('ol', { 'aria-label': name }, ...effects.map(({ text, effect }) =>
    h('li', {}, h('span', { class: 'mono writes-token' }, ...tokenText(text)), h('span', { class: 'number' }, fixed(effect, 2)))));
  const save = (['csv', ...pictureFormats] as const).map((format) => h('button', { class: 'link', type: 'button', title: `Save these tokens as ${format === 'csv' ? 'CSV' : pictureWords[format]}`, onclick: () => panel.saveWrites(format, writes) }, format.toUpperCase()));
  return [h('div', { class: 'writes' }, list('Raised most', writes.top), list('Lowered most', writes.bottom)), h('p', { class: 'writes-save' }, save), h('p', { class: 'muted' }, writingAbout[writing])];
}
