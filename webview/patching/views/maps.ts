/** All heat maps of a result, with one cursor that moves among them. */
import '../../lib/matrix/matrix.css';
import './maps.css';
import { h } from '../../lib/dom.ts';
import { limitOf, measureOf } from '../model/measure.ts';
import { cellIndex, picturesOf, placeOf } from '../model/pictures.ts';
import type { Picture, Place } from '../model/pictures.ts';
import type { State } from '../model/state.ts';
import { cellWords } from '../model/words.ts';
import { contextOf } from './context.ts';
import { mapGroup } from './mapGroup.ts';
import type { MapGroup } from './mapGroup.ts';
import { stepMap } from './mapKeys.ts';
import type { Panel, Room, View } from './panel.ts';

export interface MapsView extends View {
  focus(): void;
}

export function mapsView(panel: Panel, room: () => Room): MapsView {
  let pictures: readonly Picture[] = [];
  let groups: readonly MapGroup[] = [];
  let drawn: unknown;
  let pointed: Place | null = null;

  const cellAt = (place: Place | null): number | null => {
    const picture = place && pictures[place.picture];
    return picture ? cellIndex(picture, place.row, place.col) : null;
  };
  const cursor = (): Place | null => {
    const { cell } = panel.state();
    return (cell === null ? undefined : placeOf(pictures, cell)) ?? null;
  };
  const point = (at: Place | null): void => {
    pointed = at;
    for (const group of groups) group.point(at ?? cursor());
    const { run } = panel.state();
    const cell = cellAt(at);
    panel.say(run && cell !== null ? cellWords(run, cell) : '');
    element.dataset['vscodeContext'] = contextOf(run, cell ?? panel.state().cell);
  };
  const choose = (at: Place): void => {
    panel.dispatch({ kind: 'select', cell: cellAt(at) });
    element.focus({ preventScroll: true });
  };

  const element = h('div', {
    class: 'maps', role: 'application', tabindex: 0, 'aria-roledescription': 'heat map',
    onkeydown: (event) => {
      const { run } = panel.state();
      const lines = groups.map((group) => ({ first: group.first, count: group.count, perLine: group.perLine() }));
      const next = run && stepMap(event, cursor(), { pictures, groups: lines });
      if (!next) return;
      event.preventDefault();
      pointed = null;
      panel.dispatch({ kind: 'select', cell: cellAt(next) });
    },
  });

  const frame = (state: State): void => {
    pictures = state.run?.frame ? picturesOf(state.run.frame) : [];
    groups = groupsOf(pictures).map(({ first, of }) => mapGroup(panel, of, first, { point, choose, leave: () => point(null) }));
    element.replaceChildren(...groups.map((group) => group.element));
  };

  return {
    element,
    focus: () => element.focus({ preventScroll: true }),
    update: (state) => {
      const { run } = state;
      if (run?.frame !== drawn) {
        drawn = run?.frame;
        pointed = null;
        frame(state);
      }
      element.hidden = !run?.frame;
      if (!run?.frame) return;
      const measure = measureOf(state);
      const scale = { measure, limit: limitOf(run.cells, measure) };
      for (const group of groups) group.paint(run, scale, room());
      for (const group of groups) group.point(pointed ?? cursor());
      element.setAttribute('aria-label', state.cell === null ? 'Heat map of all cells; arrow keys choose one' : cellWords(run, state.cell));
      element.dataset['vscodeContext'] = contextOf(run, cellAt(pointed) ?? state.cell);
    },
  };
}

/** Maps whose rows and columns are the same. */
function groupsOf(pictures: readonly Picture[]): readonly { readonly first: number; readonly of: readonly Picture[] }[] {
  const groups: { first: number; key: string; of: Picture[] }[] = [];
  for (const [index, picture] of pictures.entries()) {
    const key = JSON.stringify([picture.rows, picture.columns]);
    const last = groups.at(-1);
    if (last?.key === key) last.of.push(picture);
    else groups.push({ first: index, key, of: [picture] });
  }
  return groups;
}
