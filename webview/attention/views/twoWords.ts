/** A cell of the difference of two prompts in words. */
import { significant } from '../../../src/shared/format.ts';
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { columnWords, isMissing } from '../model/compare.ts';
import type { Side } from '../model/compare.ts';
import { addressOf, layerKey } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import { layerOf, readTower, twoCells, visibilityOf } from '../model/read.ts';
import type { Run, State } from '../model/state.ts';
import { isWhole, weightAt } from '../pattern/rows.ts';
import { isVisible } from '../pattern/visibility.ts';

/** Both prompts' whole heads on the columns of both, as far as they are here: of long prompts only a part of each row was sent. */
export type TwoTiles = Readonly<Partial<Record<Side, PatternTile>>>;

/** "L1H1 · ·cat ⇒ ·dog @5 attends to ·milk @2 · second − first −0.12 (0.18 − 0.3)"; null where no difference is shown. */
export function twoWords(state: State, head: Head, row: number, col: number, tiles: TwoTiles = {}): string | null {
  const cells = twoCells(state, head, row, col);
  const difference = state.run?.difference;
  const layer = layerOf(state, head);
  if (!cells || !difference || !layer) return null;
  const { first, second } = difference;
  const source = readTower(state, head) ?? '';
  const dest = columnWords(cells.row, first.towers[head.tower] ?? [], second.towers[head.tower] ?? []);
  const from = columnWords(cells.col, first.towers[source] ?? [], second.towers[source] ?? []);
  const cellOf = (tile: PatternTile | undefined): number | undefined => tile?.values[row * tile.cols + col];
  const own = weightIn(first, head, cells.row.a, cells.col.a, cellOf(tiles.first));
  const other = weightIn(second, head, cells.row.b, cells.col.b, cellOf(tiles.second));
  const value = tiles.first && tiles.second && own !== null && other !== null ? other - own : weightAt(layer, head.head, row, col);
  return [addressOf(head), `${dest} attends to ${from}`, !isVisible(visibilityOf(state, head, layer), row, col) ? 'masked' : isMissing(cells) ? aloneWords(own, other) : differenceWords(value, layer, own, other)].join(' · ');
}

const aloneWords = (own: number | null, other: number | null): string =>
  (own !== null ? `in the first prompt only: ${significant(own)}` : other !== null ? `in the second prompt only: ${significant(other)}` : 'in neither prompt');

function differenceWords(value: number | undefined, layer: LayerPatterns, own: number | null, other: number | null): string {
  if (value === undefined) return isWhole(layer) ? 'second − first 0' : `second − first below ${significant(layer.cutoff)} either way, or not among the ${layer.perRow} strongest`;
  return `second − first ${significant(value)}${own === null || other === null ? '' : ` (${significant(other)} − ${significant(own)})`}`;
}

/** A weight of one of the runs; null where it has no such cell, or did not send it. */
function weightIn(run: Run, head: Head, row: number | null, col: number | null, known: number | undefined): number | null {
  const layer = run.layers.get(layerKey(head));
  return row === null || col === null || !layer ? null : known ?? weightAt(layer, head.head, row, col) ?? null;
}
