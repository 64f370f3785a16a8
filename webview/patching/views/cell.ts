/** One cell in full: its values, by pair where there are several, what the model predicts before and after, and what changed on the way. */
import '../../lib/controls.ts';
import './cell.css';
import { sentence } from '../../../src/shared/errors.ts';
import type { PositionPredictions } from '../../../src/shared/protocol/engineApi.ts';
import type { PatchedRun } from '../../../src/shared/protocol/experimentApi.ts';
import { h } from '../../lib/dom.ts';
import { icon } from '../../lib/icons.ts';
import { predictionRow } from '../../lib/predictions/row.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { editedOf, inspectedKey, patchedOf } from '../model/inspected.ts';
import { cellOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { valueWords } from '../model/words.ts';
import { changeView } from './change.ts';
import { headOf } from './context.ts';
import { pairsView } from './pairs.ts';
import type { Panel, Room, View } from './panel.ts';

export function cellView(panel: Panel, room: () => Room): View {
  const address = h('span', { class: 'mono cell-address' });
  const button = (label: string, title: string, onclick: () => void): HTMLElement => h('vscode-button', { appearance: 'secondary', title, onclick }, label);
  const diff = button('Show diff', 'Open the patched run against the run that was edited, in the diff editor', panel.showDiff);
  const open = button('Open head', 'Open the head in the attention panel', () => {
    const inside = headOf(cellOf(panel.state())?.address ?? '');
    if (inside !== null) panel.openHead(inside);
  });
  const copy = h('vscode-button', { appearance: 'icon', 'aria-label': 'Copy the cell’s address', title: 'Copy the address (Ctrl+C)', onclick: () => panel.copy(cellOf(panel.state())?.address ?? '') }, icon('copy'));
  const close = h('vscode-button', { appearance: 'icon', 'aria-label': 'Close the cell', title: 'Close (Escape)', onclick: () => panel.dispatch({ kind: 'inspect', cell: null }) }, icon('close'));
  const values = h('p', { class: 'cell-values' });
  const note = h('p', { class: 'muted', role: 'status' });
  const predictions = h('div', { class: 'cell-predictions' });
  const [pairs, change] = [pairsView(panel), changeView(panel, room)];
  const element = h('section', { class: 'cell', 'aria-label': 'Cell' },
    h('div', { class: 'cell-top' }, h('h2', { class: 'section-head' }, 'Patched run'), address, copy, h('span', { class: 'cell-actions' }, open, diff, close)),
    values, pairs.element, note, predictions, change.element);
  let drawn: PatchedRun | null = null;

  return {
    element,
    update: (state, previous) => {
      const { run } = state;
      const cell = cellOf(state);
      const frame = run?.frame;
      element.hidden = !state.inspecting || !cell || !frame;
      if (element.hidden || !cell || !run || !frame || state.cell === null) return;
      const patched = patchedOf(state);
      address.textContent = cell.address;
      open.hidden = headOf(cell.address) === null;
      values.textContent = valueWords(run, state.cell).join(' · ');
      note.textContent = noteOf(state, patched);
      note.hidden = note.textContent === '';
      pairs.update(state, previous);
      // The one before stays until the next is there, so that nothing jumps while a cursor moves.
      predictions.hidden = change.element.hidden = drawn === null && patched === null;
      predictions.classList.toggle('cell-old', patched === null);
      if (patched && patched !== drawn) {
        drawn = patched;
        const tokens = frame.pairs[state.inspectedPair]?.clean ?? [];
        const other = editedOf(frame) === 'clean' ? 'corrupted' : 'clean';
        const columns: readonly (readonly [string, PositionPredictions | null])[] = [[`${editedOf(frame)}, before`, patched[editedOf(frame)] ?? patched.clean], ['patched', patched.patched], [other, patched[other]]];
        predictions.replaceChildren(...columns.flatMap(([name, value]) => (value ? [column(name, value, tokenAt(tokens, value.position))] : [])));
      }
      change.update(state, previous);
    },
  };
}

function column(name: string, { top, position, nan }: PositionPredictions, where: string): HTMLElement {
  return h('div', { class: 'cell-column' },
    h('h3', { class: 'cell-title' }, name, h('span', { class: 'mono muted cell-where' }, where)),
    nan ? h('p', { class: 'muted' }, 'The logits hold NaN, so there is no prediction.') : h('ol', { class: 'predictions-list' }, ...top.map((prediction) => predictionRow(prediction, position))));
}

function noteOf(state: State, patched: PatchedRun | null): string {
  const { inspected } = state;
  if (inspected?.key === inspectedKey(state) && inspected.error) return sentence(inspected.error);
  if (!patched) return 'running this cell';
  return patched.unchanged ? 'The patch changed no element, so both runs are the same.' : '';
}
