/** Parquet: one column of strings holds the text. Read by hyparquet, a group of rows at a time. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, DecodedArray, FileMetaData, RowGroup } from 'hyparquet';
import { CogscopeError } from '../../../shared/errors.ts';
import { compressors, readCodecs } from './codecs.ts';
import { piecesOf } from './piece.ts';
import type { Pieces } from './piece.ts';

/** Bytes of a group's column: all of them are in memory at once, and so are the texts that they become. */
const LARGEST = 1 << 29;
/** Rows of a group: in few bytes may stand any number of rows without a text. */
const MOST_ROWS = 1 << 24;

interface OpenFile {
  readonly path: string;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
}

/** `limit`: characters behind which no more is read. */
export async function* parquet(path: string, field: string | undefined, limit = Infinity): Pieces {
  const open = await openFile(path);
  const column = columnOf(open, field);
  let [rowStart, read] = [0, 0];
  for (const [number, group] of open.metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(group.num_rows);
    checkGroup(group, column, path);
    let record = rowStart;
    for (const texts of await textsOf(open, column, { rowStart, rowEnd }, number)) {
      for (const text of texts as Iterable<unknown>) {
        record++;
        if (typeof text !== 'string') continue;
        yield* piecesOf(text, record);
        read += text.length;
        if (read >= limit) return;
      }
    }
    rowStart = rowEnd;
  }
}

/** Bytes of the texts as they lie there uncompressed: what the file's own size does not tell. */
export async function parquetSize(path: string, field: string | undefined): Promise<number> {
  const open = await openFile(path);
  const column = columnOf(open, field);
  return open.metadata.row_groups.reduce((sum, group) => sum + Number(chunkOf(group, column)?.meta_data?.total_uncompressed_size ?? 0), 0);
}

/** Columns that a text may be in. */
export const parquetColumns = async (path: string): Promise<readonly string[]> => stringColumns((await openFile(path)).metadata);

async function openFile(path: string): Promise<OpenFile> {
  let file: AsyncBuffer;
  let [first, last] = ['', ''];
  try {
    file = await asyncBufferFromFile(path);
    [first, last] = [await word(file, 0), await word(file, Math.max(file.byteLength - 4, 0))];
  } catch (error) {
    throw new CogscopeError('unreadable', 'The text cannot be opened', 'Check the path, and that you may read it', path, String(error));
  }
  if (last === 'PARE' && first === 'PARE') throw encrypted(path);
  if (first !== 'PAR1') throw new CogscopeError('unreadable', 'The file is no Parquet', 'Name a Parquet file, or give the text the ending of what it is', path);
  if (last !== 'PAR1' || file.byteLength < 12) throw new CogscopeError('unreadable', 'The Parquet file is cut off: its end is missing', 'Copy or write it again', path);
  try {
    return { path, file, metadata: await parquetMetadataAsync(file, { geoparquet: false }) };
  } catch (error) {
    throw damaged(path, error);
  }
}

const word = async (file: AsyncBuffer, at: number): Promise<string> => Buffer.from(await file.slice(at, Math.min(at + 4, file.byteLength))).toString('latin1');

const encrypted = (path: string): CogscopeError => new CogscopeError('refused', 'The Parquet file is encrypted', 'Write it without encryption', path);
const damaged = (path: string, error: unknown): CogscopeError => new CogscopeError('unreadable', 'The Parquet file is damaged', 'Copy or write it again', path, String(error));

/** Names of the columns that are strings themselves, not lists or parts of something. */
function stringColumns(metadata: FileMetaData): readonly string[] {
  return parquetSchema(metadata).children.flatMap(({ element, children }) => {
    const isText = element.type === 'BYTE_ARRAY' && (element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING');
    return isText && children.length === 0 && element.repetition_type !== 'REPEATED' ? [element.name] : [];
  });
}

/** The named one, "text", or the only one. */
function columnOf({ metadata, path }: OpenFile, field: string | undefined): string {
  const names = stringColumns(metadata);
  const wanted = field ?? 'text';
  if (names.includes(wanted)) return wanted;
  const [only, another] = names;
  if (only === undefined) throw new CogscopeError('usage', 'The Parquet file has no column of strings', 'Name a file that has one: lists and structures of strings are not read', path);
  if (field === undefined && another === undefined) return only;
  const named = `Name one with --field: ${names.slice(0, 8).map((name) => `"${name}"`).join(', ')}`;
  if (field === undefined) throw new CogscopeError('usage', `The Parquet file has ${names.length} columns of strings, and none is "text"`, named, path);
  const isThere = parquetSchema(metadata).children.some(({ element }) => element.name === field);
  throw new CogscopeError('usage', isThere ? `The column "${field}" does not hold strings` : `The text has no column "${field}"`, named, path);
}

const chunkOf = ({ columns }: RowGroup, column: string): RowGroup['columns'][number] | undefined => columns.find(({ meta_data: data }) => data?.path_in_schema.length === 1 && data.path_in_schema[0] === column);

/** Whether a group can be read, before it is. */
function checkGroup(group: RowGroup, column: string, path: string): void {
  const chunk = chunkOf(group, column);
  const hidden = chunk ? chunk.crypto_metadata !== undefined : group.columns.some(({ crypto_metadata: crypto }) => crypto !== undefined);
  if (hidden) throw encrypted(path);
  if (!chunk?.meta_data) throw damaged(path, `no chunk of "${column}"`);
  const { codec, total_compressed_size: packed, total_uncompressed_size: size } = chunk.meta_data;
  if (!readCodecs.includes(codec)) throw new CogscopeError('refused', `The column "${column}" is compressed by ${codec}, which is not read`, 'Write the file with Snappy, gzip, Brotli or Zstandard', path);
  if (packed > LARGEST || size > LARGEST || group.num_rows > MOST_ROWS) throw new CogscopeError('refused', 'The Parquet file has groups of rows that are too large to be read', 'Write it with smaller ones, of 100,000 rows for instance', path);
}

/** Of one group, page by page. */
async function textsOf({ path, file, metadata }: OpenFile, column: string, { rowStart, rowEnd }: { readonly rowStart: number; readonly rowEnd: number }, number: number): Promise<readonly DecodedArray[]> {
  const pages: DecodedArray[] = [];
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const stringFromBytes = (bytes: Uint8Array | undefined): string | undefined => {
    try {
      return bytes && decoder.decode(bytes);
    } catch {
      throw new CogscopeError('unreadable', `The column "${column}" is not in UTF-8`, 'Write it again as strings', path);
    }
  };
  try {
    await parquetRead({ file, metadata, columns: [column], rowStart, rowEnd, compressors, parsers: { stringFromBytes }, onChunk: ({ columnData }) => pages.push(columnData) });
  } catch (error) {
    throw error instanceof CogscopeError ? error : damaged(path, `group ${number}: ${String(error)}`);
  }
  const rows = pages.reduce((sum, page) => sum + page.length, 0);
  if (rows !== rowEnd - rowStart) throw damaged(path, `group ${number} has ${rows} rows of ${rowEnd - rowStart}`);
  return pages;
}
