/** Both prompts' weights and their difference as comma-separated values, one line a cell of the columns of both. */
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import { csvField, decimal, END } from '../../lib/export/csv.ts';
import type { Side } from '../model/compare.ts';
import { addressOf, placeOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Axes } from '../model/read.ts';
import type { Missing } from '../pattern/difference.ts';
import { sourcesOf, weightAt } from '../pattern/rows.ts';
import { isVisible } from '../pattern/visibility.ts';
import type { Visibility } from '../pattern/visibility.ts';

const HEADER = 'address,destination,destination_token,source,source_token,first,second,second_minus_first';

export type Both<T> = Readonly<Record<Side, T>>;

/** Every cell of one head. A number is empty where its prompt has no such cell, or the mask closes it. */
export function besideHeadCsv(head: Head, axes: Axes, tiles: Both<PatternTile>, view: Visibility, missing: Both<Missing>): string {
  const line = liner(axes);
  const address = addressOf(head);
  const value = (side: Side, row: number, col: number): number | undefined => {
    const { cols, values } = tiles[side];
    const weight = values[row * cols + col] ?? NaN;
    return missing[side].rows[row] || missing[side].cols[col] || (weight === 0 && !isVisible(view, row, col)) ? undefined : weight;
  };
  const lines: string[] = [];
  for (let row = 0; row < tiles.first.rows; row++) for (let col = 0; col < tiles.first.cols; col++) lines.push(line(address, row, col, value('first', row, col), value('second', row, col)));
  return page(lines);
}

/** The cells of all heads that were sent of either prompt, strongest first in each row; a number that was not sent is empty. */
export function besideLayersCsv(layers: readonly Both<LayerPatterns>[], axesOf: (layer: LayerPatterns) => Axes): string {
  return page(layers.flatMap(({ first, second }) => {
    const line = liner(axesOf(first));
    const lines: string[] = [];
    for (let head = 0; head < first.heads; head++) {
      const address = addressOf({ ...placeOf(first), head });
      for (let row = 0; row < first.rows; row++) {
        const sent = [...sourcesOf(first, head, row), ...sourcesOf(second, head, row)].filter(({ weight }) => weight !== 0).sort((a, b) => b.weight - a.weight);
        for (const col of new Set(sent.map(({ at }) => at))) lines.push(line(address, row, col, weightAt(first, head, row, col), weightAt(second, head, row, col)));
      }
    }
    return lines;
  }));
}

const page = (lines: readonly string[]): string => [HEADER, ...lines].join(END) + END;

function liner({ dest, source }: Axes): (address: string, row: number, col: number, first: number | undefined, second: number | undefined) => string {
  const [rows, columns] = [dest, source].map((tokens) => tokens.map((token) => csvField(token.text)));
  const number = (value: number | undefined): string => (value === undefined ? '' : decimal(value));
  return (address, row, col, first, second) => [address, row, rows?.[row] ?? '', col, columns?.[col] ?? '', number(first), number(second), number(first === undefined || second === undefined ? undefined : Math.fround(second - first))].join(',');
}
