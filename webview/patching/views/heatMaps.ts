/** Heat maps with one cursor that moves among them, by key or by pointer. */
import '../../lib/matrix/matrix.css';
import './maps.css';
import { h } from '../../lib/dom.ts';
import { cellIndex, placeOf } from '../model/pictures.ts';
import type { Picture, Place } from '../model/pictures.ts';
import { mapGroup } from './mapGroup.ts';
import type { Drawn, MapGroup } from './mapGroup.ts';
import { stepMap } from './mapKeys.ts';
import type { Room } from './panel.ts';

export interface HeatMapEvents {
  /** The cell that is pointed at; null: none. */
  readonly point: (cell: number | null) => void;
  /** The cursor moved; `open`: the cell was clicked, or Enter pressed on it. */
  readonly select: (cell: number, open: boolean) => void;
  /** What the right-click menu of a cell is about. */
  readonly context: (cell: number | null) => string;
}

export interface HeatMaps {
  readonly element: HTMLElement;
  focus(): void;
  /** `label` says what is under the cursor, for screen readers. */
  update(drawn: Drawn, now: { readonly room: Room; readonly cell: number | null; readonly label: string }): void;
}

export function heatMaps(on: HeatMapEvents): HeatMaps {
  let pictures: readonly Picture[] = [];
  let groups: readonly MapGroup[] = [];
  let pointed: Place | null = null;
  let selected: number | null = null;

  const cellAt = (place: Place | null): number | null => {
    const picture = place && pictures[place.picture];
    return picture ? cellIndex(picture, place.row, place.col) : null;
  };
  const cursor = (): Place | null => (selected === null ? undefined : placeOf(pictures, selected)) ?? null;
  const mark = (): void => {
    for (const group of groups) group.point(pointed ?? cursor());
    element.dataset['vscodeContext'] = on.context(cellAt(pointed) ?? selected);
  };
  const point = (at: Place | null): void => {
    pointed = cellAt(at) === null ? null : at;
    mark();
    on.point(cellAt(pointed));
  };
  const select = (at: Place, open: boolean): void => {
    const cell = cellAt(at);
    if (cell === null) return;
    // The next key may come before the next frame.
    selected = cell;
    on.select(cell, open);
  };

  const element = h('div', {
    class: 'maps', role: 'application', tabindex: 0, 'aria-roledescription': 'heat map',
    onkeydown: (event) => {
      const from = cursor();
      const isEnter = event.key === 'Enter' && !event.ctrlKey && !event.metaKey;
      const next = isEnter ? from : stepMap(event, from, { pictures, groups: groups.map((group) => ({ first: group.first, count: group.count, perLine: group.perLine() })) });
      if (!next) return;
      event.preventDefault();
      pointed = null;
      select(next, isEnter);
    },
  });

  return {
    element,
    focus: () => element.focus({ preventScroll: true }),
    update: (drawn, { room, cell, label }) => {
      selected = cell;
      if (drawn.pictures !== pictures) {
        pointed = null;
        pictures = drawn.pictures;
        groups = groupsOf(pictures).map(({ first, of }) => mapGroup(of, first, {
          point, leave: () => point(null),
          choose: (at) => {
            element.focus({ preventScroll: true });
            select(at, true);
          },
        }));
        element.replaceChildren(...groups.map((group) => group.element));
      }
      for (const group of groups) group.paint(drawn, room);
      mark();
      element.setAttribute('aria-label', label);
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
