/** Every state at every position as the token that it says first, tinted by a number. Only what is seen is in the document. */
import '../../lib/controls.ts';
import { contextOf } from '../../lib/context.ts';
import { h } from '../../lib/dom.ts';
import { cssColour } from '../../lib/color/oklab.ts';
import { scrollTo } from '../../lib/geometry/matrix.ts';
import { tokenText } from '../../lib/tokens/tokenText.ts';
import { tokenTitle } from '../../lib/tokens/tokenWords.ts';
import { cellWords, isChosen, largest, measureWords, needsTarget, numberText, shareOf, stateName, topToken, valueAt } from '../model/read.ts';
import { measures } from '../model/state.ts';
import type { Cell, State } from '../model/state.ts';
import type { Panel, View } from './panel.ts';

/** CSS pixels: a cell, the column of names, and cells beyond what is seen that are drawn too. */
const [WIDTH, ROW, NAMES] = [104, 22, 84];
const SPARE = 2;
/** The picture is given this height at least, where it has so much. */
const SHORTEST = 200;

const moves: Readonly<Record<string, (at: Cell, last: Cell) => Cell>> = {
  ArrowLeft: ({ state, column }) => ({ state, column: column - 1 }),
  ArrowRight: ({ state, column }) => ({ state, column: column + 1 }),
  ArrowUp: ({ state, column }) => ({ state: state - 1, column }),
  ArrowDown: ({ state, column }) => ({ state: state + 1, column }),
  Home: ({ state }) => ({ state, column: 0 }),
  End: ({ state }, last) => ({ state, column: last.column }),
  PageUp: ({ column }) => ({ state: 0, column }),
  PageDown: ({ column }, last) => ({ state: last.state, column }),
};

export function statesView(panel: Panel, height: () => number): View {
  const inner = h('div', { class: 'states-inner', role: 'presentation' });
  const body = h('div', { class: 'states-body', tabindex: 0, role: 'grid', 'aria-label': 'States read as tokens', onscroll: () => draw(), onkeydown: (event) => move(event) }, inner);
  const measure = h('vscode-dropdown', {
    class: 'states-measure', 'aria-label': 'Tint by', title: 'What the tint and the number of a cell are',
    onchange: () => panel.dispatch({ kind: 'measure', measure: measures.find((one) => one === measure.value) ?? 'probability' }),
  }, ...measures.map((one) => h('vscode-option', { value: one }, measureWords[one])));
  const mid = h('vscode-checkbox', {
    title: 'Also the states between attention and MLP; runs the prompt again',
    onchange: () => {
      panel.dispatch({ kind: 'mid', on: mid.checked });
      if (panel.state().run) panel.run();
    },
  }, 'Between the halves of a layer');
  const note = h('span', { class: 'muted' });
  const element = h('section', { class: 'states', 'aria-label': 'Lens', 'data-vscode-context': contextOf('lens', '') },
    h('div', { class: 'section-line' }, h('h2', { class: 'section-head' }, 'Logit lens'), measure, mid, note), body);

  const draw = (): void => {
    const state = panel.state();
    const frame = state.run?.frame;
    if (!frame) return inner.replaceChildren();
    const from = Math.max(Math.floor(body.scrollLeft / WIDTH) - SPARE, 0);
    const until = Math.min(Math.ceil((body.scrollLeft + body.clientWidth - NAMES) / WIDTH) + SPARE, frame.positions.length);
    const first = Math.max(Math.floor(body.scrollTop / ROW) - SPARE, 0);
    const last = Math.min(Math.ceil((body.scrollTop + body.clientHeight) / ROW) + SPARE, frame.states.length);
    const columns = Array.from({ length: Math.max(until - from, 0) }, (_, offset) => from + offset);
    const most = largest(state, state.measure);
    inner.replaceChildren(headRow(state, columns), ...frame.states.slice(first, last).map((_, offset) => rowOf(panel, state, first + offset, columns, most)));
    if (state.cell) body.setAttribute('aria-activedescendant', cellId(state.cell));
  };

  const move = (event: KeyboardEvent): void => {
    const { run, cell } = panel.state();
    const step = moves[event.key];
    if (!step || !cell || !run?.frame || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    panel.dispatch({ kind: 'select', cell: step(cell, { state: run.frame.states.length - 1, column: run.frame.positions.length - 1 }), to: event.shiftKey ? 'stretch' : 'one' });
  };

  const keepInSight = ({ state, column }: Cell): void => {
    body.scrollTop = scrollTo(body.scrollTop, body.clientHeight - ROW, state * ROW, ROW);
    body.scrollLeft = scrollTo(body.scrollLeft, body.clientWidth - NAMES, column * WIDTH, WIDTH);
  };

  return {
    element,
    update: (state, previous) => {
      const frame = state.run?.frame;
      element.hidden = !frame;
      if (!frame) return;
      if (measure.value !== state.measure) measure.value = state.measure;
      mid.checked = state.mid;
      note.textContent = needsTarget(state.measure) && !frame.target ? 'Type a token above and run to see where it stands.' : '';
      inner.style.width = `${NAMES + frame.positions.length * WIDTH}px`;
      inner.style.height = `${(frame.states.length + 1) * ROW}px`;
      body.style.maxHeight = `${Math.max(height(), SHORTEST)}px`;
      body.setAttribute('aria-rowcount', String(frame.states.length + 1));
      body.setAttribute('aria-colcount', String(frame.positions.length + 1));
      const isNewCell = state.cell !== previous?.cell || state.columns !== previous.columns || previous?.run?.frame !== frame;
      if (isNewCell && state.cell) keepInSight(state.cell);
      if (isNewCell || !previous || previous.run !== state.run || previous.measure !== state.measure) draw();
    },
  };
}

const cellId = ({ state, column }: Cell): string => `state-${state}-${column}`;
const leftOf = (column: number): string => `${NAMES + column * WIDTH}px`;

function headRow(state: State, columns: readonly number[]): HTMLElement {
  const frame = state.run?.frame;
  return h('div', { class: 'states-row states-head', role: 'row', 'aria-rowindex': 1 }, h('div', { class: 'states-name', role: 'columnheader' }, h('span', { class: 'spoken' }, 'State')),
    ...columns.map((column) => {
      const position = frame?.positions[column] ?? 0;
      const token = frame?.tokens[position];
      const head = h('div', { class: `states-column mono${isChosen(state, column) ? ' states-chosen' : ''}`, role: 'columnheader', 'aria-colindex': column + 2, title: token ? tokenTitle(token, position) : '' }, ...tokenText(token?.text ?? ''));
      head.style.left = leftOf(column);
      return head;
    }));
}

/** `most`: the end of the scale. */
function rowOf(panel: Panel, state: State, at: number, columns: readonly number[], most: number): HTMLElement {
  const { run, measure, cell } = state;
  const frame = run?.frame;
  const row = run?.rows.get(at);
  const address = frame?.states[at]?.address ?? '';
  const element = h('div', { class: 'states-row', role: 'row', 'aria-rowindex': at + 2 },
    h('div', { class: `states-name${at === cell?.state ? ' states-chosen' : ''}`, role: 'rowheader', title: address }, stateName(address)),
    ...columns.map((column) => {
      const here: Cell = { state: at, column };
      const isSelected = cell?.state === at && cell.column === column;
      const value = valueAt(row, column, frame?.top ?? 1, measure);
      const one = h('div', {
        class: `states-cell${row ? '' : ' states-pending'}`, id: cellId(here), role: 'gridcell', 'aria-selected': String(isSelected), 'aria-colindex': column + 2,
        onclick: (event) => panel.dispatch({ kind: 'select', cell: here, to: event.shiftKey ? 'stretch' : event.ctrlKey || event.metaKey ? 'other' : 'one' }),
        onpointermove: () => panel.say(cellWords(panel.state(), here)),
        onpointerleave: () => panel.say(''),
      }, row && h('span', { class: 'mono states-token' }, ...tokenText(topToken(row, column, frame?.top ?? 1))), row && h('span', { class: 'states-number' }, numberText(value, measure)));
      one.style.left = leftOf(column);
      if (row) one.style.backgroundColor = cssColour(panel.ink().tint(shareOf(value, measure, most)));
      return one;
    }));
  element.style.top = `${(at + 1) * ROW}px`;
  return element;
}
