/** How an index lies in its folder, as far as its files tell without being read. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * Another one once the index was written to: one that is being made grows in its write-ahead log first. Undefined where there is none.
 * A log without a byte says nothing: whoever reads an index that is not finished leaves one.
 */
export async function printOf(db: string): Promise<string | undefined> {
  const [index, log] = await Promise.all([db, logOf(db)].map((path) => stat(path).then(({ size, mtimeMs }) => (size > 0 ? [size, mtimeMs] : null), () => null)));
  return index ? JSON.stringify([index, log]) : undefined;
}

const logOf = (db: string): string => `${db}-wal`;

/** What is written where an index changes. */
export const isOfIndex = (db: string, path: string): boolean => [db, logOf(db)].some((own) => basename(own) === basename(path));
