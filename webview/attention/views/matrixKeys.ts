/** Keys of the large view: the cursor's steps from cell to cell, and the zoom. */
import { positionOf, sourceTokens } from '../model/read.ts';
import type { Panel } from './panel.ts';

interface Place {
  readonly row: number;
  readonly col: number;
  /** The last source. */
  readonly last: number;
}

const PAGE = 10;

const moves: Readonly<Record<string, (at: Place) => readonly [row: number, col: number]>> = {
  ArrowLeft: ({ row, col }) => [row, col - 1],
  ArrowRight: ({ row, col }) => [row, col + 1],
  ArrowUp: ({ row, col }) => [row - 1, col],
  ArrowDown: ({ row, col }) => [row + 1, col],
  Home: ({ row }) => [row, 0],
  End: ({ row, last }) => [row, last],
  PageUp: ({ row, col }) => [row - PAGE, col],
  PageDown: ({ row, col }) => [row + PAGE, col],
};

const zooms: Readonly<Record<string, (zoom: number) => number>> = { '+': (zoom) => zoom * 2, '=': (zoom) => zoom * 2, '-': (zoom) => zoom / 2, '0': () => 1 };

export function matrixKeys(panel: Panel, event: KeyboardEvent): void {
  if (event.altKey || event.metaKey || event.ctrlKey) return;
  const state = panel.state();
  const zoom = zooms[event.key];
  const move = moves[event.key];
  if (zoom) panel.dispatch({ kind: 'zoom', zoom: zoom(state.zoom) });
  else if (move) {
    const [row, col] = move({ row: positionOf(state), col: state.source, last: sourceTokens(state).length - 1 });
    panel.dispatch({ kind: 'choose', position: row, source: col });
  } else return;
  event.preventDefault();
}
