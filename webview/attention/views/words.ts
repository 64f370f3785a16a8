/** Cells and heads in words, as the status shows and speaks them. */
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { counted, significant } from '../../../src/shared/format.ts';
import { addressOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Axes } from '../model/read.ts';
import { hasNan, isWhole, weightAt } from '../pattern/rows.ts';
import { numberWords } from '../pattern/headView.ts';
import type { TileView } from '../pattern/headView.ts';
import { isVisible } from '../pattern/visibility.ts';
import type { Visibility } from '../pattern/visibility.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';

export interface Cell {
  readonly head: Head;
  readonly row: number;
  readonly col: number;
  readonly axes: Axes;
  readonly layer: LayerPatterns;
  readonly view: Visibility;
  /** The whole pattern, where it is here. */
  readonly tile?: PatternTile | undefined;
  /** What the tile's numbers are, where they are not weights. */
  readonly shows?: TileView;
  /** Its words where it is one of the difference of two prompts; null where there is none. */
  readonly two?: string | null;
  /** Of a mean over prompts. */
  readonly mean?: MeanCell | undefined;
}

export interface MeanCell {
  readonly prompts: number;
  /** Standard deviation; undefined where it was not sent, NaN of a single prompt. */
  readonly spread: number | undefined;
}

/** "L5H3 · park @7 attends to Ben @2 · 0.412" */
export function cellWords(cell: Cell): string {
  const { head, row, col, axes, two } = cell;
  if (typeof two === 'string') return two;
  return `${addressOf(head)} · ${tokenAt(axes.dest, row)} attends to ${tokenAt(axes.source, col)} · ${weightWords(cell)}`;
}

/** "mean over 12 prompts, standard deviation 0.031" */
const meanCellWords = ({ prompts, spread }: MeanCell): string => `mean over ${counted(prompts, 'prompt')}${spread === undefined || Number.isNaN(spread) ? '' : `, standard deviation ${significant(spread)}`}`;

function weightWords({ head, row, col, layer, view, tile, shows = 'pattern', mean }: Cell): string {
  if (shows !== 'pattern') {
    const value = tile?.values[row * tile.cols + col];
    return value === undefined ? `${numberWords[shows]} not come yet` : value === -Infinity || (value === 0 && !isVisible(view, row, col)) ? 'masked' : `${numberWords[shows]} ${significant(value)}`;
  }
  const weight = tile ? tile.values[row * tile.cols + col] : weightAt(layer, head.head, row, col);
  if (!isVisible(view, row, col) && !weight) return 'masked';
  if (hasNan(layer, head.head, row)) return 'NaN';
  if (weight !== undefined) return `${significant(weight)}${mean ? ` · ${meanCellWords(mean)}` : ''}`;
  return isWhole(layer) ? '0' : `below ${layer.cutoff}, or not among the ${layer.perRow} strongest`;
}

/** What the picture leaves out, in words; empty where it is whole. */
export function cutWords(layer: LayerPatterns): string {
  return isWhole(layer) ? '' : `weights below ${layer.cutoff} not drawn, top ${layer.perRow} keys a row`;
}
