/** The second prompt: its box, both prompts' tokens aligned, and which picture is shown. */
import './compare.css';
import type { AlignedColumn } from '../../../src/shared/align/alignTokens.ts';
import { sentence } from '../../../src/shared/errors.ts';
import { counted } from '../../../src/shared/format.ts';
import { plainToken } from '../../../src/shared/visible.ts';
import { h } from '../../lib/dom.ts';
import { refreshRove, rove } from '../../lib/rove.ts';
import { columnWords, pictures, positionIn } from '../model/compare.ts';
import type { Difference, Shown } from '../model/compare.ts';
import { positionOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { closable } from './closable.ts';
import type { Panel, View } from './panel.ts';

const words: Readonly<Record<Shown, string>> = { first: 'First', second: 'Second', difference: 'Difference', side: 'Side by side' };
const titles: Readonly<Record<Shown, string>> = { first: 'The first prompt alone', second: 'The second prompt alone', difference: 'The second less the first (d)', side: 'Both beside each other, with one cursor (d)' };

export function compareView(panel: Panel): View {
  const area = h('vscode-text-area', { class: 'compare-area', resize: 'none', rows: 2, spellcheck: 'false', oninput: () => panel.dispatch({ kind: 'secondTyped', text: area.value }) });
  const run = h('vscode-button', { appearance: 'secondary', onclick: panel.compare }, 'Compare');
  const choices = pictures.map((shown) => h('button', { class: 'compare-choice', type: 'button', title: titles[shown], onclick: () => panel.dispatch({ kind: 'shown', shown }) }, words[shown]));
  const choice = h('div', { class: 'compare-choices', role: 'group', 'aria-label': 'Show' }, ...choices);
  const note = h('span', { class: 'muted', role: 'status' });
  const problem = h('p', { class: 'compare-problem', role: 'alert' });
  const tokens = h('div', { class: 'compare-tokens mono', role: 'group', 'aria-label': 'Tokens of both prompts, aligned', 'data-rove-row': '' });
  const rows = h('div', {}, tokens);
  rove(rows);
  const { element, show, enter } = closable('compare', 'Second prompt', () => panel.dispatch({ kind: 'compare', on: false }), area, h('div', { class: 'compare-line' }, run, choice, note), problem, rows);
  let drawn: readonly unknown[] = [];

  return {
    element,
    update: (state, previous) => {
      const { compare } = state;
      show(compare !== null);
      area.setAttribute('aria-label', 'Second prompt'); // The toolkit names a field anew when it is connected.
      if (!compare) return;
      if (area.value !== compare.text) area.value = compare.text;
      area.placeholder = state.draft.mode === 'text' ? 'Another prompt to compare with' : 'Token ids of another prompt';
      run.disabled = compare.text.trim() === '' || compare.asked;
      note.textContent = compare.asked ? 'running both' : noteOf(compare.compared?.runs.difference.difference, tower(state));
      problem.hidden = compare.error === null;
      problem.textContent = compare.error ? sentence(compare.error) : '';
      choice.hidden = rows.hidden = compare.compared === null;
      choices.forEach((one, at) => one.setAttribute('aria-pressed', String(pictures[at] === compare.shown)));
      if (previous && previous.compare === null) enter();
      const difference = compare.compared?.runs.difference.difference;
      const columns = difference?.towers[tower(state)] ?? [];
      if (difference !== drawn[0] || columns !== drawn[1]) {
        drawn = [difference, columns];
        tokens.replaceChildren(...(difference ? columnElements(panel, columns, difference) : []));
        refreshRove(rows);
      }
      const chosen = positionIn(columns, positionOf(state), compare.shown, 'difference');
      [...tokens.children].forEach((column, at) => column.setAttribute('aria-pressed', String(at === chosen)));
    },
  };
}

const tower = (state: State): string => state.head?.tower ?? Object.keys(state.run?.towers ?? {})[0] ?? '';

function noteOf(difference: Difference | undefined, name: string): string {
  const columns = difference?.towers[name] ?? [];
  const count = (kind: string): number => columns.filter((column) => column.kind === kind).length;
  if (columns.length === 0) return '';
  return [`${counted(count('same'), 'token')} alike`, `${count('changed')} changed`, `${count('only-a')} only in the first`, `${count('only-b')} only in the second`].join(' · ');
}

/** First above second; what was changed, left out or put in is marked. */
function columnElements(panel: Panel, columns: readonly AlignedColumn[], difference: Difference): readonly HTMLElement[] {
  const name = tower(panel.state());
  const [first, second] = [difference.first.towers[name] ?? [], difference.second.towers[name] ?? []];
  const text = (tokens: typeof first, at: number | null): string => (at === null ? ' ' : plainToken(tokens[at]?.text ?? ''));
  return columns.map((column, at) => h('button', {
    class: `compare-column compare-${column.kind}`, type: 'button', 'data-rove': '', tabindex: -1, title: columnWords(column, first, second),
    onclick: () => panel.dispatch({ kind: 'choose', position: positionIn(columns, at, 'difference', panel.state().compare?.shown ?? 'difference') }),
  }, h('span', { 'aria-hidden': 'true' }, text(first, column.a)), h('span', { 'aria-hidden': 'true' }, text(second, column.b)), h('span', { class: 'spoken' }, columnWords(column, first, second))));
}
