/** The lower part of the panel: what the sweep says of itself, and its cells as heat maps or as a table; and what to do before there are any. */
import './result.css';
import '../../lib/controls.ts';
import { h } from '../../lib/dom.ts';
import { canRun, isCurrent } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { equalWords, frameWords } from '../model/words.ts';
import { expectationsView } from './expectations.ts';
import { legendView } from './legend.ts';
import { mapsView } from './maps.ts';
import type { Panel, Room, View } from './panel.ts';
import { strongestView } from './strongest.ts';
import { tableView } from './table.ts';

export interface ResultView extends View {
  focusFilter(): void;
  /** Moves the focus to what is shown. */
  focus(): void;
}

export function resultView(panel: Panel, room: () => Room): ResultView {
  const about = h('p', { class: 'result-about' });
  const notes = h('ul', { class: 'result-notes' });
  const expectations = expectationsView();
  const legend = legendView(panel);
  const holder = h('div', { class: 'result-maps' });
  const [maps, table] = [mapsView(panel, () => ({ ...room(), width: holder.clientWidth })), tableView(panel, room)];
  holder.append(maps.element);
  const before = h('div', { class: 'result-before' }, h('span', { class: 'muted' }, 'The effect of each patch appears here, cell by cell.'), h('vscode-button', { onclick: panel.run }, 'Run'));
  const strongest = strongestView(panel);
  const pictures = h('div', { class: 'result-pictures' }, holder, strongest.element);
  const shown = h('div', { class: 'result-shown' }, pictures, table.element);
  const element = h('section', { class: 'result', 'aria-label': 'Result' }, h('div', { class: 'result-top' }, h('h2', { class: 'section-head' }, 'Result'), about, legend.element), notes, expectations.element, before, shown);
  // A table that is not shown yet cannot take the focus.
  let wantsFilter = false;

  return {
    element,
    focusFilter: () => {
      wantsFilter = !table.element.checkVisibility();
      if (!wantsFilter) table.focusFilter();
    },
    focus: () => {
      if (!panel.state().table) maps.focus();
      else if (wantsFilter) table.focusFilter();
      else table.focus();
      wantsFilter = false;
    },
    update: (state, previous) => {
      const frame = state.run?.frame ?? null;
      before.hidden = frame !== null || !canRun(state);
      shown.hidden = frame === null;
      about.textContent = frame ? [...frameWords(frame), ...(isCurrent(state) ? [] : ['changed since the run'])].join(' · ') : '';
      notes.replaceChildren(...notesOf(state).map((text) => h('li', {}, text)));
      expectations.update(state, previous);
      legend.update(state, previous);
      pictures.hidden = state.table;
      table.element.hidden = !state.table;
      // A view that was hidden has not followed: it is drawn as new.
      const wasShown = previous !== null && previous.table === state.table;
      if (state.table) return table.update(state, wasShown ? previous : null);
      strongest.update(state, wasShown ? previous : null);
      maps.update(state, wasShown ? previous : null);
    },
  };
}

/** What a reader must know; that nothing can be recovered is said first, in our own words. */
function notesOf({ run }: State): readonly string[] {
  const { frame } = run ?? {};
  if (!frame) return [];
  const equal = equalWords(frame);
  return equal === '' ? frame.notes : [equal, ...frame.notes.filter((note) => !note.includes('have the same metric'))];
}
