/** Writes a file whole or not at all. */
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';

/** Throws 'usage' where no file can be written at `path`: before a long run, not behind it. */
export function checkWritable(path: string): void {
  const refuse = (what: string, todo: string): CogscopeError => new CogscopeError('usage', what, todo, path);
  if (!statOf(dirname(path))?.isDirectory()) throw refuse('The output’s folder does not exist', 'Make it first, or name another');
  if (statOf(path)?.isDirectory()) throw refuse('The output is a folder', 'Name a file in it');
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    throw refuse('The output’s folder cannot be written to', 'Name another folder');
  }
}

/** Throws 'unreadable' where the disk does not take it. */
export async function saveWhole(path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  const existing = statOf(path);
  // A device or a pipe is written to as it is; it must not be replaced by a file.
  const isPlain = !existing || existing.isFile();
  const target = existing && isPlain ? realpathSync(path) : path;
  const partial = isPlain ? `${target}.${process.pid}.part` : target;
  try {
    const file = await open(partial, 'w');
    try {
      for await (const part of parts) await writeAll(file, part);
    } finally {
      await file.close();
    }
    if (isPlain) renameSync(partial, target);
  } catch (error) {
    if (isPlain) rmSync(partial, { force: true });
    if (error instanceof CogscopeError) throw error;
    throw new CogscopeError('unreadable', 'The output cannot be written', 'Make room on the disk, or name another file', path, String(error));
  }
}

/** A single write takes at most 2 GiB. */
const CHUNK = 1 << 30;

async function writeAll(file: { write(bytes: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, Math.min(CHUNK, bytes.length - at))).bytesWritten;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // Nothing is there, or nothing that we may see.
  }
}
