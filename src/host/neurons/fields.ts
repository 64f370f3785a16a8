/** Which keys of JSONL records, or columns of a CSV file, hold text: told from its beginning. Pure. */
import { extname } from 'node:path';

type Fields = (beginning: string) => readonly string[];

/** Records that are looked at. */
const RECORDS = 20;

const ofRecords: Fields = (beginning) => {
  // The last line may be cut.
  const lines = beginning.split('\n').slice(0, RECORDS + 1);
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  return [...new Set(whole.flatMap(stringKeys))];
};

function stringKeys(line: string): readonly string[] {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return []; // The engine says which line is none.
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return [];
  return Object.entries(record).flatMap(([key, value]) => (typeof value === 'string' ? [key] : []));
}

const ofColumns = (separator: string): Fields => (beginning) => {
  const [header = ''] = beginning.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = header.match(new RegExp(`("(?:[^"]|"")*"|[^${separator}"]*)(?:${separator}|$)`, 'g')) ?? [];
  return names.map((name) => name.replace(new RegExp(`${separator}$`), '').trim().replace(/^"([^]*)"$/, '$1').replaceAll('""', '"')).filter((name) => name !== '');
};

const readers: ReadonlyMap<string, Fields> = new Map([['.jsonl', ofRecords], ['.ndjson', ofRecords], ['.csv', ofColumns(',')], ['.tsv', ofColumns('\t')]]);

/** Whose columns stand at the end of the file, where the engine reads them. */
export const isParquet = (path: string): boolean => extname(path).toLowerCase() === '.parquet';

/** Kinds of files that texts are offered from. */
export const textExtensions: readonly string[] = ['txt', 'md', ...[...readers.keys()].map((name) => name.slice(1)), 'parquet'];

export const hasFields = (path: string): boolean => readers.has(extname(path).toLowerCase());

/** Empty for plain text, and where the beginning names none. */
export const fieldsOf = (path: string, beginning: string): readonly string[] => readers.get(extname(path).toLowerCase())?.(beginning) ?? [];
