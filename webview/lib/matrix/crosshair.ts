/** The lines that tie a cell to its two tokens. */
import { h } from '../dom.ts';
import { span } from '../geometry/axis.ts';
import type { Axis } from '../geometry/axis.ts';

export interface Crosshair {
  readonly elements: readonly HTMLElement[];
  place(down: Axis, row: number, across: Axis, col: number): void;
}

const px = (device: number): string => `${device / devicePixelRatio}px`;

export function crosshair(): Crosshair {
  const line = (part: string): HTMLElement => h('div', { class: `cross cross-${part}` });
  const [row, col, cell] = [line('row'), line('col'), line('cell')];
  return {
    elements: [row, col, cell],
    place: (down, rowAt, across, colAt) => {
      const [tall, wide] = [span(down, rowAt), span(across, colAt)];
      for (const { style } of [row, cell]) [style.top, style.height] = [px(tall.start), px(tall.length)];
      for (const { style } of [col, cell]) [style.left, style.width] = [px(wide.start), px(wide.length)];
    },
  };
}
