/** The corner of a head drawn large: which way its axes run and, while it is zoomed, a map of the whole. */
import { h } from '../../lib/dom.ts';
import type { MatrixSize } from '../../lib/geometry/matrix.ts';
import { minimap } from '../../lib/matrix/minimap.ts';
import type { Offset } from '../../lib/matrix/scrolled.ts';
import type { State } from '../model/state.ts';
import { headPicture, paletteOf } from './headPicture.ts';
import type { Panel } from './panel.ts';

export interface MatrixCorner {
  readonly element: HTMLElement;
  /** `labels`: device pixels of the corner's sides. */
  draw(state: State, size: MatrixSize, labels: number): void;
  /** Frames what is seen. */
  frame(size: MatrixSize, seen: Offset): void;
}

/** CSS pixels between the map and the labels around it. */
const MAP_AIR = 10;

/** `look`: the place that is to be in the middle, as shares of the whole picture's width and height. */
export function matrixCorner(panel: Panel, look: (across: number, down: number) => void): MatrixCorner {
  const map = minimap(look);
  const picture = headPicture(panel);
  let drawn: readonly unknown[] = [];
  return {
    element: h('div', { class: 'matrix-corner muted' }, h('span', {}, 'source →'), h('span', {}, 'dest ↓'), map.element),
    draw: (state, size, labels) => {
      if (state.zoom === 1) return;
      const side = Math.round(labels - 2 * MAP_AIR * devicePixelRatio);
      const small = picture(state, side);
      const next = [small, side, size.across.count, size.down.count, panel.ink()];
      if (next.every((part, index) => part === drawn[index])) return;
      drawn = next;
      map.layOut(size, side);
      map.draw(small, paletteOf(panel, state));
    },
    frame: (size, { left, top }) => map.frame(size, left, top),
  };
}
