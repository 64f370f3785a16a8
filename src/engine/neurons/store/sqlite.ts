/** SQLite as Node has it, with its errors in plain words. Loaded when an index is first opened. */
import type * as sqlite from 'node:sqlite';
import { CogscopeError } from '../../../shared/errors.ts';

export type Database = sqlite.DatabaseSync;
export type Statement = sqlite.StatementSync;

/** What SQLite calls its errors (the lowest byte of `errcode`), in words. */
const rows: ReadonlyMap<number, { readonly code: 'unreadable' | 'refused'; readonly what: string; readonly todo: string }> = new Map([
  [5, { code: 'refused', what: 'Another program is using the index', todo: 'Wait until it is done' }],
  [8, { code: 'unreadable', what: 'The index cannot be written to', todo: 'Give yourself the right to write to the file and its folder, or name another place' }],
  [10, { code: 'unreadable', what: 'The disk does not take the index', todo: 'Make room, or name another place; what was done so far is kept' }],
  [11, { code: 'unreadable', what: 'The index is damaged', todo: 'Delete the file and make the index again' }],
  [13, { code: 'unreadable', what: 'The disk is full', todo: 'Make room and start again; what was done so far is kept' }],
  [14, { code: 'unreadable', what: 'The index cannot be opened', todo: 'Check that its folder is there and that you may write to it' }],
  [26, { code: 'unreadable', what: 'This is no index', todo: 'Name a file that an index was made in, or a new one' }],
]);

/** Throws CogscopeError for what SQLite throws. */
export function inWords<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const number = (error as { readonly errcode?: unknown }).errcode;
    const row = typeof number === 'number' ? rows.get(number & 0xff) : undefined;
    throw row ? new CogscopeError(row.code, row.what, row.todo, path, String(error)) : error;
  }
}

/** Throws 'refused' where this Node has no SQLite. */
export async function openDatabase(path: string, { readOnly }: { readonly readOnly: boolean }): Promise<Database> {
  let loaded: typeof sqlite;
  try {
    loaded = await import('node:sqlite');
  } catch (error) {
    throw new CogscopeError('refused', 'This Node has no SQLite, in which an index is kept', 'Use Node 22.13 or newer', '', String(error));
  }
  return inWords(path, () => new loaded.DatabaseSync(path, { readOnly, timeout: 2000 }));
}
