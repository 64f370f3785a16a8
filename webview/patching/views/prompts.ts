/** Clean and corrupted prompt, edited in place, and beneath them their tokens, position by position. */
import '../../lib/tokens/strip.css';
import './prompts.css';
import '../../lib/controls.ts';
import { counted } from '../../../src/shared/format.ts';
import { h } from '../../lib/dom.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';
import { tokenTitle } from '../../lib/tokens/tokenWords.ts';
import { align, partingOf } from '../model/align.ts';
import type { AlignedColumn } from '../model/align.ts';
import { saidOf } from '../model/problems.ts';
import { hasCorrupted, pairOf, subjectOf, tokensOf } from '../model/read.ts';
import type { Panel, View } from './panel.ts';

type Side = 'clean' | 'corrupted';

/** Rows of a text area at most, and CSS pixels of its padding and of a character. */
const [MOST_ROWS, PADDING, CHARACTER] = [6, 20, 7.9];

const rowsOf = (text: string, columns: number): number => text.split('\n').reduce((rows, line) => rows + Math.max(Math.ceil(line.length / Math.max(columns, 20)), 1), 0);

export interface PromptsView extends View {
  /** What is selected in the clean prompt. */
  selection(): string;
}

export function promptsView(panel: Panel): PromptsView {
  const [clean, corrupted] = [promptView(panel, 'clean', 'Clean prompt'), promptView(panel, 'corrupted', 'Corrupted prompt')];
  const caption = h('p', { class: 'align-caption muted' });
  const columns = h('ol', { class: 'align mono' });
  const element = h('div', { class: 'prompts' }, h('div', { class: 'prompts-both' }, clean.element, corrupted.element), caption, columns);
  return {
    element,
    selection: clean.selection,
    update: (state, previous) => {
      clean.update(state, previous);
      corrupted.update(state, previous);
      corrupted.element.hidden = !hasCorrupted(state);
      const isBoth = hasCorrupted(state);
      if (previous && state.typed === previous.typed && state.form === previous.form) return;
      const [a, b] = [tokensOf(state.typed.clean), isBoth ? tokensOf(state.typed.corrupted) : []];
      caption.textContent = captionOf(a.length, b.length, isBoth);
      const parting = isBoth && b.length > 0 ? partingOf(a, b) : null;
      const subject = subjectOf(state);
      columns.replaceChildren(...align(a, b).map((column, at) => columnOf(column, at, { isBoth: b.length > 0, parting, subject })));
    },
  };
}

function captionOf(clean: number, corrupted: number, isBoth: boolean): string {
  if (clean === 0) return 'Their tokens appear here, one below the other.';
  if (!isBoth) return counted(clean, 'token');
  return clean === corrupted ? `${counted(clean, 'token')} each` : corrupted === 0 ? counted(clean, 'token') : `${counted(clean, 'token')} and ${corrupted}`;
}

interface Columns {
  readonly isBoth: boolean;
  readonly parting: number | null;
  readonly subject: ReadonlySet<number>;
}

function columnOf({ clean, corrupted, differs }: AlignedColumn, at: number, { isBoth, parting, subject }: Columns): HTMLElement {
  const token = (one: AlignedColumn['clean'], side: Side): HTMLElement => {
    const classes = ['token', one?.special && 'token-special', !one && 'align-none', isBoth && differs && `align-${side}`, subject.has(at) && 'align-subject'];
    return h('span', { class: classes.filter(Boolean).join(' '), title: one ? tokenTitle(one, at) : 'No token' }, ...(one ? tokenText(one.text) : ['\u00a0']));
  };
  return h('li', { class: `align-column${at === parting ? ' align-parting' : ''}` },
    token(clean, 'clean'), isBoth && token(corrupted, 'corrupted'), subject.has(at) && h('span', { class: 'spoken' }, 'subject'),
    isBoth && differs && h('span', { class: 'spoken' }, at === parting ? 'the prompts part here' : 'differs'));
}

function promptView(panel: Panel, side: Side, label: string): PromptsView {
  const area = h('vscode-text-area', {
    class: 'prompt-area', 'data-side': side, resize: 'none', rows: 2, spellcheck: 'false',
    oninput: () => panel.dispatch({ kind: 'pair', change: { [side]: area.value } }),
  }, label);
  const problem = h('p', { class: 'field-problem', role: 'alert' });
  const element = h('div', { class: 'prompt' }, area, problem);
  return {
    element,
    selection: () => area.value.slice(area.control.selectionStart, area.control.selectionEnd),
    update: (state) => {
      const { ids, [side]: text } = pairOf(state);
      if (area.value !== text) area.value = text;
      area.rows = Math.min(Math.max(rowsOf(text, Math.floor((area.clientWidth - PADDING) / CHARACTER)), 2), MOST_ROWS);
      area.placeholder = ids ? 'Token ids: 1, 2, 3' : side === 'clean' ? 'A prompt that the model answers right' : 'The same, but for what matters';
      const said = saidOf(state, side);
      if (problem.textContent !== said) problem.textContent = said;
      problem.hidden = said === '';
    },
  };
}

