/** What a pointer over a small head points at, in words. */
import type { LayerPatterns } from '../../../src/shared/protocol/engineApi.ts';
import { itemAt } from '../../lib/geometry/axis.ts';
import { addressOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import { axesOf, layerOf, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { sourcesOf } from '../pattern/rows.ts';
import { meanCell } from './meanCell.ts';
import { twoWords } from './twoWords.ts';
import { cellWords } from './words.ts';

/** `cell`: the element that holds the picture alone, where it is not the one that listens. */
export function pointAt(state: State, head: Head, event: PointerEvent, cell = event.currentTarget): string {
  const layer = layerOf(state, head);
  if (!layer || !(cell instanceof HTMLElement)) return addressOf(head);
  const { left, top, width } = cell.getBoundingClientRect();
  const pixels = Math.round(width * devicePixelRatio);
  const under = (count: number, offset: number): readonly [number, number] => {
    const axis = { count, size: pixels };
    const pixel = Math.min(Math.max(offset * devicePixelRatio, 0), pixels - 1);
    // A pixel that several tokens share shows the strongest of them.
    return [itemAt(axis, pixel), Math.max(itemAt(axis, pixel + 1), itemAt(axis, pixel) + 1)];
  };
  const rows = under(layer.rows, event.clientY - top);
  const cols = under(layer.cols, event.clientX - left);
  const { row, col } = strongest(layer, head.head, rows, cols);
  return cellWords({ head, row, col, axes: axesOf(state, head), layer, view: visibilityOf(state, head, layer), two: twoWords(state, head, row, col), mean: meanCell(state, layer, head, row, col) });
}

/** The strongest cell of a block that was sent; its first where none was. */
function strongest(layer: LayerPatterns, head: number, rows: readonly [number, number], cols: readonly [number, number]): { readonly row: number; readonly col: number } {
  let best = { row: rows[0], col: cols[0], size: 0 };
  for (let row = rows[0]; row < Math.min(rows[1], layer.rows); row++) {
    for (const { at, weight } of sourcesOf(layer, head, row)) if (at >= cols[0] && at < cols[1] && Math.abs(weight) > best.size) best = { row, col: at, size: Math.abs(weight) };
  }
  return best;
}
