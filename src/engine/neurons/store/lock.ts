/**
 * One writer an index. The lock is the operating system's, on a file beside the index: it goes with the process that holds it, however that
 * ends. The index itself stays open to readers.
 */
import { rmSync, statSync } from 'node:fs';
import { CogscopeError } from '../../../shared/errors.ts';
import { inWords, openDatabase } from './sqlite.ts';
import type { Database } from './sqlite.ts';

const BUSY = 5;

export class WriterLock {
  private readonly database: Database;
  private readonly path: string;

  private constructor(database: Database, path: string) {
    this.database = database;
    this.path = path;
  }

  /** Throws 'refused' where another process writes to the index. */
  static async take(index: string): Promise<WriterLock> {
    const path = `${index}-lock`;
    for (;;) {
      const before = identity(path);
      const database = await openDatabase(path, { readOnly: false });
      try {
        database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
      } catch (error) {
        database.close();
        if ((error as { readonly errcode?: number }).errcode === BUSY) {
          throw new CogscopeError('refused', 'Another window or command is making this index', 'Wait for it, or pause it there', index);
        }
        inWords(index, () => { throw error; });
      }
      // Whoever held it before may have taken the file away after we had opened it: then it is nobody's.
      if (before === undefined || before === identity(path)) return new WriterLock(database, path);
      database.close();
    }
  }

  release(): void {
    rmSync(this.path, { force: true });
    this.database.close();
  }
}

function identity(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
