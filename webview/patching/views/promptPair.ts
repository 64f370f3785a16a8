/** Clean and corrupted prompt of one tower, edited in place, and beneath them their tokens, position by position. */
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
import type { Field } from '../model/problems.ts';
import { hasCorrupted, isBetween, tokensOf } from '../model/read.ts';
import type { State, TypedPrompts } from '../model/state.ts';
import type { View } from './panel.ts';

export type Side = keyof TypedPrompts;

/** Where the two stand in the state. */
export interface PromptPairSource {
  readonly labels: Readonly<Record<Side, string>>;
  readonly fields: Readonly<Record<Side, Field>>;
  readonly shown: (state: State) => boolean;
  readonly text: (state: State, side: Side) => string;
  readonly placeholder: (state: State, side: Side) => string;
  readonly typed: (state: State) => TypedPrompts;
  /** Positions that are marked. */
  readonly subject: (state: State) => ReadonlySet<number>;
  /** What the caption says where there are no tokens. */
  readonly nothing: string;
  readonly change: (side: Side, text: string) => void;
}

export interface PromptPairView extends View {
  /** What is selected in the clean prompt. */
  selection(): string;
}

/** Rows of a text area at most, and CSS pixels of its padding and of a character. */
const [MOST_ROWS, PADDING, CHARACTER] = [6, 20, 7.9];

const rowsOf = (text: string, columns: number): number => text.split('\n').reduce((rows, line) => rows + Math.max(Math.ceil(line.length / Math.max(columns, 20)), 1), 0);

export function promptPairView(source: PromptPairSource): PromptPairView {
  const [clean, corrupted] = [promptView(source, 'clean'), promptView(source, 'corrupted')];
  const caption = h('p', { class: 'align-caption muted' });
  const columns = h('ol', { class: 'align mono' });
  const element = h('div', { class: 'prompts' }, h('div', { class: 'prompts-both' }, clean.element, corrupted.element), caption, columns);
  return {
    element,
    selection: clean.selection,
    update: (state, previous) => {
      element.hidden = !source.shown(state);
      if (element.hidden) return;
      clean.update(state, previous);
      corrupted.update(state, previous);
      const isBoth = hasCorrupted(state);
      corrupted.element.hidden = !isBoth;
      if (previous && state.typed === previous.typed && state.form === previous.form) return;
      const typed = source.typed(state);
      const [a, b] = [tokensOf(typed.clean), isBoth ? tokensOf(typed.corrupted) : []];
      caption.textContent = a.length === 0 ? source.nothing : captionOf(a.length, b.length);
      const parting = isBetween(state) && b.length > 0 ? partingOf(a, b) : null;
      const subject = source.subject(state);
      columns.replaceChildren(...align(a, b).map((column, at) => columnOf(column, at, { isBoth: b.length > 0, parting, subject })));
    },
  };
}

function captionOf(clean: number, corrupted: number): string {
  if (corrupted === 0) return counted(clean, 'token');
  return clean === corrupted ? `${counted(clean, 'token')} each` : `${counted(clean, 'token')} and ${corrupted}`;
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

function promptView({ labels, fields, text, placeholder, change }: PromptPairSource, side: Side): PromptPairView {
  const area = h('vscode-text-area', { class: 'prompt-area', 'data-side': fields[side], resize: 'none', rows: 2, spellcheck: 'false', oninput: () => change(side, area.value) }, labels[side]);
  const problem = h('p', { class: 'field-problem', role: 'alert' });
  const element = h('div', { class: 'prompt' }, area, problem);
  return {
    element,
    selection: () => area.value.slice(area.control.selectionStart, area.control.selectionEnd),
    update: (state) => {
      const typed = text(state, side);
      if (area.value !== typed) area.value = typed;
      area.rows = Math.min(Math.max(rowsOf(typed, Math.floor((area.clientWidth - PADDING) / CHARACTER)), 2), MOST_ROWS);
      area.placeholder = placeholder(state, side);
      const said = saidOf(state, fields[side]);
      if (problem.textContent !== said) problem.textContent = said;
      problem.hidden = said === '';
    },
  };
}
