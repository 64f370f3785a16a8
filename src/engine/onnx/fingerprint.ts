/** What tells that a file is still the one that was opened: size, time and identity. */
import { statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { CogscopeError } from '../../shared/errors.ts';

export interface Fingerprint {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

export function fingerprint(path: string, { size, mtimeMs, ino }: Stats): Fingerprint {
  return { path, size, mtimeMs, ino };
}

/** Throws 'changed' where the path no longer leads to the same bytes, as far as size, time and identity tell. */
export function assertUnchanged({ path, size, mtimeMs, ino }: Fingerprint): void {
  let stat: Stats;
  try {
    stat = statSync(path);
  } catch {
    throw new CogscopeError('changed', 'The file is no longer there', 'Put it back or open another model', path);
  }
  if (stat.size !== size || stat.mtimeMs !== mtimeMs || stat.ino !== ino) {
    throw new CogscopeError('changed', 'The file changed since it was opened', 'Reload the model', path);
  }
}
