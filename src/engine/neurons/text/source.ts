/** Files of text by their kind. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CogscopeError } from '../../../shared/errors.ts';
import type { TextSource } from '../../../shared/neurons/build.ts';
import { csv } from './csv.ts';
import { jsonLines } from './jsonLines.ts';
import { paragraphs } from './paragraphs.ts';
import { parquet, parquetSize } from './parquet.ts';
import type { Pieces } from './piece.ts';

const PARQUET = '.parquet';

type Reader = (source: TextSource, limit?: number) => Pieces;

const records: Reader = ({ path, field }, limit) => jsonLines(path, field ?? 'text', limit);
const columns: Reader = ({ path, field }, limit) => csv(path, field, limit);
const groups: Reader = ({ path, field }, limit) => parquet(path, field, limit);

/** By extension; whatever else is read as text, by paragraphs. */
const readers: ReadonlyMap<string, Reader> = new Map([['.jsonl', records], ['.ndjson', records], ['.csv', columns], ['.tsv', columns], [PARQUET, groups]]);

const text: Reader = ({ path }, limit) => paragraphs(path, limit);

const endingOf = ({ path }: TextSource): string => extname(path).toLowerCase();

/** `limit`: bytes behind which the text may be cut anywhere. */
export const readPieces: Reader = (source, limit) => (readers.get(endingOf(source)) ?? text)(source, limit);

/** Bytes that a text has as it is read; 0 where there is none. */
export const sizeOf = async (source: TextSource): Promise<number> => (endingOf(source) === PARQUET ? parquetSize(source.path, source.field) : statSync(source.path, { throwIfNoEntry: false })?.size ?? 0);

/** What tells that a text is still the one that an index was begun with. */
export interface TextIdentity {
  readonly bytes: number;
  readonly sha256: string;
}

/** Throws 'unreadable' where there is no such file. */
export async function identify({ path }: TextSource): Promise<TextIdentity> {
  try {
    const { size } = statSync(path);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return { bytes: size, sha256: hash.digest('hex') };
  } catch (error) {
    throw new CogscopeError('unreadable', 'The text cannot be opened', 'Check the path, and that you may read it', path, String(error));
  }
}
