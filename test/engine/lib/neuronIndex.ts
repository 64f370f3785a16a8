/** An index as it lies in its file, for tests that look at every row of it. */
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

export interface Line {
  readonly id: number;
  readonly ids: readonly number[];
}

export function linesOf(db: string): readonly Line[] {
  const database = new DatabaseSync(db, { readOnly: true });
  const lines = database.prepare('SELECT id, ids FROM line ORDER BY id').all().map((row) => ({ id: Number(row['id']), ids: [...new Uint32Array((row['ids'] as Uint8Array).slice().buffer)] }));
  database.close();
  return lines;
}

/** A digest of each row of each table, by the table's name. */
export function contentOf(path: string): Readonly<Record<string, readonly string[]>> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all().map((row) => String(row['name']));
    return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT * FROM ${name} ORDER BY 1`).all().map(digest)]));
  } finally {
    database.close();
  }
}

function digest(row: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha1');
  for (const [column, value] of Object.entries(row)) hash.update(`${column}:`).update(value instanceof Uint8Array ? value : String(value)).update('|');
  return `${String(Object.values(row)[0])} ${hash.digest('hex')}`;
}
