/** The cell of the opened head at a place, with all that its words need. */
import { besideRun, isBeside } from '../model/beside.ts';
import type { Head } from '../model/heads.ts';
import { axesOf, layerOf, viewOf, visibilityOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import { tileViewOf } from '../pattern/headView.ts';
import type { Panel } from './panel.ts';
import { meanCell } from './meanCell.ts';
import { twoWords } from './twoWords.ts';
import type { TwoTiles } from './twoWords.ts';
import type { Cell } from './words.ts';

export function cellOf(panel: Panel, state: State, { row, col }: { readonly row: number; readonly col: number }): Cell | null {
  const { head, run } = state;
  const layer = head && layerOf(state, head);
  if (!head || !run || !layer || row < 0) return null;
  return { head, row, col, axes: axesOf(state, head), layer, view: visibilityOf(state, head, layer), tile: panel.tiles.peek(run, head, tileViewOf(viewOf(state))), shows: tileViewOf(viewOf(state)), two: twoWords(state, head, row, col, besideTiles(panel, state, head)), mean: meanCell(state, layer, head, row, col, panel.tiles.peekSpread(run, head)) };
}

/** Both prompts' heads, where they stand beside each other. */
function besideTiles(panel: Panel, state: State, head: Head): TwoTiles {
  const difference = state.run?.difference;
  if (!difference || !isBeside(state)) return {};
  const [first, second] = [panel.tiles.peek(besideRun(state, difference, 'first'), head), panel.tiles.peek(besideRun(state, difference, 'second'), head)];
  return { ...(first ? { first } : {}), ...(second ? { second } : {}) };
}
