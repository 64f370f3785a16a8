/** Patterns as comma-separated values (RFC 4180), one line a cell. */
import type { LayerPatterns, PatternTile, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { csvField, decimal, decimalOrNone, END } from '../../lib/export/csv.ts';
import { addressOf, placeOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Axes } from '../model/read.ts';
import { nothingMissing } from '../pattern/difference.ts';
import type { Missing } from '../pattern/difference.ts';
import { sourcesOf } from '../pattern/rows.ts';
import { isVisible } from '../pattern/visibility.ts';
import type { Visibility } from '../pattern/visibility.ts';

export const HEADER = 'address,destination,destination_token,source,source_token,weight';

const header = (number: string, further?: { readonly name: string }): string => HEADER.replace(/weight$/, further ? `${number},${further.name}` : number);

const fields = (tokens: readonly TokenInfo[]): readonly string[] => tokens.map((token) => csvField(token.text));

/** A second number of each cell, in a column of that name; an empty field where there is none. */
export interface FurtherColumn<T> {
  readonly name: string;
  readonly of: T;
}

/** Every cell of one head, in a column of that name. The number of a cell that is masked or missing is empty. */
export function headCsv(head: Head, { dest, source }: Axes, tile: PatternTile, view: Visibility, number = 'weight', missing: Missing = nothingMissing, further?: FurtherColumn<PatternTile>): string {
  const [rows, columns] = [fields(dest), fields(source)];
  const address = addressOf(head);
  const lines = [header(number, further)];
  for (let row = 0; row < tile.rows; row++) {
    for (let col = 0; col < tile.cols; col++) {
      const weight = tile.values[row * tile.cols + col] ?? NaN;
      const text = weight === -Infinity || missing.rows[row] || missing.cols[col] || (weight === 0 && !isVisible(view, row, col)) ? '' : decimal(weight);
      lines.push(`${address},${row},${rows[row] ?? ''},${col},${columns[col] ?? ''},${text}${further ? `,${text === '' ? '' : decimalOrNone(further.of.values[row * tile.cols + col])}` : ''}`);
    }
  }
  return lines.join(END) + END;
}

/** Every head's scores, a column a pattern; empty where nothing could be measured. */
export function scoresCsv(heads: readonly Head[], patterns: readonly string[], score: (head: Head, pattern: number) => number | undefined): string {
  const lines = heads.map((head) => [addressOf(head), ...patterns.map((_, at) => decimalOrNone(score(head, at)))].join(','));
  return [['address', ...patterns.map(csvField)].join(','), ...lines].join(END) + END;
}

/** The cells of all heads that were sent, strongest first in each row. */
export function layersCsv(layers: readonly LayerPatterns[], axes: (layer: LayerPatterns) => Axes, number = 'weight', further?: FurtherColumn<(layer: LayerPatterns, head: Head, row: number, col: number) => number | undefined>): string {
  const lines = [header(number, further)];
  for (const layer of layers) {
    const { dest, source } = axes(layer);
    const [rows, columns] = [fields(dest), fields(source)];
    for (let head = 0; head < layer.heads; head++) {
      const address = addressOf({ ...placeOf(layer), head });
      for (let row = 0; row < layer.rows; row++) {
        for (const { at, weight } of sourcesOf(layer, head, row)) {
          if (weight !== 0) lines.push(`${address},${row},${rows[row] ?? ''},${at},${columns[at] ?? ''},${decimal(weight)}${further ? `,${decimalOrNone(further.of(layer, { ...placeOf(layer), head }, row, at))}` : ''}`);
        }
      }
    }
  }
  return lines.join(END) + END;
}
