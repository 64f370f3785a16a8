/** The lines that tie a cell to its two tokens. */
import { h } from '../dom.ts';
import { span } from '../geometry/axis.ts';
import type { Axis } from '../geometry/axis.ts';

export interface Crosshair {
  readonly elements: readonly HTMLElement[];
  /** Null: the picture has no such row or column, and nothing is drawn for it. */
  place(down: Axis, row: number | null, across: Axis, col: number | null): void;
}

const px = (device: number): string => `${device / devicePixelRatio}px`;

export function crosshair(): Crosshair {
  const line = (part: string): HTMLElement => h('div', { class: `cross cross-${part}` });
  const [row, col, cell] = [line('row'), line('col'), line('cell')];
  return {
    elements: [row, col, cell],
    place: (down, rowAt, across, colAt) => {
      row.hidden = rowAt === null;
      col.hidden = colAt === null;
      cell.hidden = row.hidden || col.hidden;
      const [tall, wide] = [span(down, rowAt ?? 0), span(across, colAt ?? 0)];
      for (const { style } of [row, cell]) [style.top, style.height] = [px(tall.start), px(tall.length)];
      for (const { style } of [col, cell]) [style.left, style.width] = [px(wide.start), px(wide.length)];
    },
  };
}
