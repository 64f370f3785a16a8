import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A short fingerprint of files (their content) and strings (themselves). */
export function fingerprint({ files = [], strings = [] }) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  for (const string of strings) hash.update(string).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Is what the stamp file vouches for still what `key` asks for? */
export const isStamped = (stamp, key) => existsSync(stamp) && readFileSync(stamp, 'utf8') === key;

/**
 * Does `work` unless the stamp file says that it was done for this key. The stamp is removed first and written last, so that an
 * interrupted run is done again.
 * @returns {Promise<boolean>} whether there was anything to do
 */
export async function behindStamp(stamp, key, work) {
  if (isStamped(stamp, key)) return false;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
  return true;
}
