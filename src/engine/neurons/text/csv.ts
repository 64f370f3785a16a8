/** CSV and TSV: one column holds the text. Read by csv-parse, a record at a time. */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CogscopeError } from '../../../shared/errors.ts';
import { textBlocks } from './decode.ts';
import { piecesOf } from './piece.ts';
import type { Pieces } from './piece.ts';

const LONGEST = 1 << 26;

export async function* csv(path: string, field: string | undefined, limit?: number): Pieces {
  const source = Readable.from(textBlocks(path, limit));
  const parser = parse({ delimiter: path.toLowerCase().endsWith('.tsv') ? '\t' : ',', relax_column_count: true, skip_empty_lines: true, max_record_size: LONGEST });
  // pipe() does not hand errors on.
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let column = -1;
  let number = 0;
  try {
    for await (const record of parser as AsyncIterable<readonly string[]>) {
      if (number++ === 0) column = columnOf(record, field, path);
      else yield* piecesOf(record[column] ?? '', number);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CogscopeError('unreadable', `The text is no CSV that can be read (record ${number + 1})`, 'Close its quotation marks, or save it again', path, error.message);
  } finally {
    source.destroy();
  }
}

/** The named one, "text", or the only one. The first record names the columns. */
function columnOf(names: readonly string[], field: string | undefined, path: string): number {
  const at = names.indexOf(field ?? 'text');
  if (at >= 0) return at;
  if (field === undefined && names.length === 1) return 0;
  const named = names.slice(0, 8).map((name) => `"${name}"`).join(', ');
  throw new CogscopeError('usage', `The text has no column "${field ?? 'text'}"`, `Name one of its columns with --field: ${named}`, path);
}
