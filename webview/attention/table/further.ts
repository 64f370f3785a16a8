/** Rows with more numbers than a weight: a mean and its spread, or both prompts and their difference. */
import type { LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import type { Both } from '../export/besideCsv.ts';
import type { Head } from '../model/heads.ts';
import { placeOf } from '../model/heads.ts';
import type { Missing } from '../pattern/difference.ts';
import { sourcesOf, weightAt } from '../pattern/rows.ts';
import { isVisible } from '../pattern/visibility.ts';
import type { Visibility } from '../pattern/visibility.ts';
import type { TableData } from './data.ts';

/** A mean's rows with the standard deviation of each cell, in place of further sources. */
export function withSpread(data: TableData, spread: (head: Head, row: number, col: number) => number | undefined): TableData {
  const values = Float32Array.from(data.head, (at, row) => {
    const head = data.heads[at];
    return (head && spread(head, data.destination[row] ?? 0, data.source[row] ?? 0)) ?? NaN;
  });
  return { ...data, more: null, further: [{ title: 'Standard deviation', values }] };
}

interface Cell {
  readonly head: number;
  readonly row: number;
  readonly col: number;
  /** NaN where the prompt has no such cell, or did not send it. */
  readonly first: number;
  readonly second: number;
}

function fromCells(heads: readonly Head[], cells: readonly Cell[]): TableData {
  const second = Float32Array.from(cells, (cell) => cell.second);
  return {
    heads, head: Uint16Array.from(cells, ({ head }) => head), destination: Uint32Array.from(cells, ({ row }) => row), source: Uint32Array.from(cells, ({ col }) => col),
    weight: Float32Array.from(cells, ({ first }) => first), more: null,
    further: [{ title: 'Second', values: second }, { title: 'Second − first', values: Float32Array.from(cells, (cell) => cell.second - cell.first) }],
  };
}

/** A row for each cell of one head that the mask leaves open and that either prompt has, on the columns of both. */
export function besideRowsOfHead(head: Head, { first, second }: Both<PatternTile>, view: Visibility, missing: Both<Missing>): TableData {
  const cells: Cell[] = [];
  const value = (tile: PatternTile, { rows, cols }: Missing, row: number, col: number): number => (rows[row] || cols[col] ? NaN : tile.values[row * tile.cols + col] ?? NaN);
  for (let row = 0; row < first.rows; row++) {
    for (let col = 0; col < first.cols; col++) {
      const cell = { head: 0, row, col, first: value(first, missing.first, row, col), second: value(second, missing.second, row, col) };
      if (isVisible(view, row, col) && !(Number.isNaN(cell.first) && Number.isNaN(cell.second))) cells.push(cell);
    }
  }
  return fromCells([head], cells);
}

/** A row for each destination of each head, with the source that is strongest in either prompt. */
export function besideRowsOfLayers(layers: readonly Both<LayerPatterns>[]): TableData {
  const heads = layers.flatMap(({ first }) => Array.from({ length: first.heads }, (_, head): Head => ({ ...placeOf(first), head })));
  const cells: Cell[] = [];
  let before = 0;
  for (const { first, second } of layers) {
    for (let head = 0; head < first.heads; head++) {
      for (let row = 0; row < first.rows; row++) {
        const [strongest] = [sourcesOf(first, head, row)[0], sourcesOf(second, head, row)[0]].flatMap((source) => source ?? []).sort((a, b) => b.weight - a.weight);
        if (strongest) cells.push({ head: before + head, row, col: strongest.at, first: weightAt(first, head, row, strongest.at) ?? NaN, second: weightAt(second, head, row, strongest.at) ?? NaN });
      }
    }
    before += first.heads;
  }
  return fromCells(heads, cells);
}
