/** The patterns as rows of a table: columns of typed numbers, so that a quarter of a million rows sort and filter at once. */
import type { LayerPatterns, PatternTile, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { addressOf, placeOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Axes } from '../model/read.ts';
import { sourcesOf } from '../pattern/rows.ts';
import { nothingMissing } from '../pattern/difference.ts';
import type { Missing } from '../pattern/difference.ts';
import { isVisible } from '../pattern/visibility.ts';
import type { Visibility } from '../pattern/visibility.ts';

/** Columns of numbers, one entry a row of the table. */
export interface TableData {
  readonly heads: readonly Head[];
  readonly head: Uint16Array;
  readonly destination: Uint32Array;
  /** The strongest source of the row, or the cell's own. */
  readonly source: Uint32Array;
  readonly weight: Float32Array;
  /** Further sources, [rows, MORE]: position and weight; NO_SOURCE where there is none. */
  readonly more: { readonly source: Uint32Array; readonly weight: Float32Array } | null;
  /** Other numbers of the row's cell, in columns of their own: of a second prompt, or the spread of a mean. NaN: there is none. */
  readonly further?: readonly FurtherColumn[];
}

export interface FurtherColumn {
  readonly title: string;
  readonly values: Float32Array;
}

export const NO_SOURCE = 0xffffffff;
/** Sources beside the strongest in the table of all heads. */
export const MORE = 2;

/** A row for each destination of each head, with its strongest sources; those that are missing are left out. */
export function rowsOfLayers(layers: readonly LayerPatterns[], missing: (layer: LayerPatterns) => Missing = () => nothingMissing): TableData {
  const heads = layers.flatMap((layer) => Array.from({ length: layer.heads }, (_, head): Head => ({ ...placeOf(layer), head })));
  const count = layers.reduce((sum, layer) => sum + layer.heads * (layer.rows - missing(layer).rows.filter(Boolean).length), 0);
  const data = {
    heads, head: new Uint16Array(count), destination: new Uint32Array(count), source: new Uint32Array(count).fill(NO_SOURCE), weight: new Float32Array(count),
    more: { source: new Uint32Array(count * MORE).fill(NO_SOURCE), weight: new Float32Array(count * MORE) },
  };
  let [at, before] = [0, 0];
  for (const layer of layers) {
    const alone = missing(layer).rows;
    for (let head = 0; head < layer.heads; head++) {
      for (let row = 0; row < layer.rows; row++) {
        if (alone[row]) continue;
        const [first, ...others] = sourcesOf(layer, head, row);
        data.head[at] = before + head;
        data.destination[at] = row;
        if (first) [data.source[at], data.weight[at]] = [first.at, first.weight];
        others.slice(0, MORE).forEach((source, index) => {
          if (source.weight !== 0) [data.more.source[at * MORE + index], data.more.weight[at * MORE + index]] = [source.at, source.weight];
        });
        at++;
      }
    }
    before += layer.heads;
  }
  return data;
}

/** A row for each cell of one head that the mask leaves open and that is not missing. */
export function rowsOfHead(head: Head, tile: PatternTile, view: Visibility, missing: Missing = nothingMissing): TableData {
  const cells: number[] = [];
  for (let row = 0; row < tile.rows; row++) for (let col = 0; col < tile.cols; col++) if (isVisible(view, row, col) && !missing.rows[row] && !missing.cols[col]) cells.push(row * tile.cols + col);
  return {
    heads: [head], head: new Uint16Array(cells.length),
    destination: Uint32Array.from(cells, (cell) => Math.floor(cell / tile.cols)),
    source: Uint32Array.from(cells, (cell) => cell % tile.cols),
    weight: Float32Array.from(cells, (cell) => tile.values[cell] ?? NaN),
    more: null,
  };
}

export type ColumnName = 'head' | 'destination' | 'source' | 'weight';

/** The name that a further column is sorted by. */
export const furtherName = (index: number): string => `further ${index}`;

/** Indices of the rows that fit the filter, in the order that is asked for; ties keep the order of the data. */
export function arrange(data: TableData, axes: (head: Head) => Axes, filter: string, order: { readonly column: string; readonly descending: boolean } | null): Uint32Array {
  const wanted = filter.trim().toLowerCase();
  const fits = (tokens: readonly TokenInfo[]): readonly boolean[] => tokens.map((token) => wanted !== '' && token.text.toLowerCase().includes(wanted));
  const fitsAxes = data.heads.map(axes).map(({ dest, source }) => ({ dest: fits(dest), source: fits(source) }));
  const fitsHead = data.heads.map((head) => wanted !== '' && addressOf(head).toLowerCase().includes(wanted));
  const rows: number[] = [];
  for (let row = 0; row < data.head.length; row++) {
    const source = data.source[row] ?? NO_SOURCE;
    const head = data.head[row] ?? 0;
    if (wanted === '' || fitsHead[head] || fitsAxes[head]?.dest[data.destination[row] ?? 0] || fitsAxes[head]?.source[source]) rows.push(row);
  }
  const indices = Uint32Array.from(rows);
  if (!order) return indices;
  const key = keyOf(data, order.column);
  const sign = order.descending ? -1 : 1;
  // NaN sorts before everything when descending: it is what a person looks for first. What is not there stands last.
  const none = data.further ? sign * Infinity : Infinity;
  const value = (row: number): number => (Number.isNaN(key[row]) ? none : key[row] ?? 0);
  return indices.sort((a, b) => sign * (value(a) - value(b)) || a - b);
}

function keyOf(data: TableData, column: string): ArrayLike<number> {
  const keys: Readonly<Record<string, ArrayLike<number>>> = { head: data.head, destination: data.destination, source: data.source, weight: data.weight };
  return keys[column] ?? data.further?.find((_, index) => furtherName(index) === column)?.values ?? data.head;
}
