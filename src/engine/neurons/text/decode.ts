/** A text file as blocks of characters: UTF-8, or UTF-16 where its mark says so. Whatever the size, a block at a time. */
import { open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import type { FileHandle } from 'node:fs/promises';
import { CogscopeError } from '../../../shared/errors.ts';

const BLOCK = 1 << 20;

interface Mark {
  readonly bytes: readonly number[];
  readonly encoding: string;
}

const marks: readonly Mark[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * Without the mark at the beginning, up to `limit` bytes or a little more. Throws 'unreadable' where the file cannot be read or is no text: zero bytes are none in UTF-8, and bytes
 * that are not UTF-8 would become other words than those that were written.
 */
export async function* textBlocks(path: string, limit = Infinity): AsyncGenerator<string> {
  const file = await openText(path);
  try {
    const block = new Uint8Array(BLOCK);
    let decoder: TextDecoder | undefined;
    for (let read = 0; read < limit; read += BLOCK) {
      const { bytesRead } = await file.read(block, 0, BLOCK).catch((error: unknown) => {
        throw new CogscopeError('unreadable', 'The text cannot be read', 'Name a text file', path, String(error));
      });
      if (bytesRead === 0) break;
      const bytes = block.subarray(0, bytesRead);
      decoder ??= new TextDecoder(marks.find((mark) => mark.bytes.every((byte, at) => bytes[at] === byte))?.encoding ?? 'utf-8', { fatal: true });
      yield decode(decoder, bytes, path);
    }
    // A character that the limit cuts is no error.
    const rest = limit === Infinity && decoder && decode(decoder, undefined, path);
    if (rest) yield rest;
  } finally {
    await file.close();
  }
}

async function openText(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new CogscopeError('unreadable', 'The text cannot be opened', 'Check the path, and that you may read it', path, String(error));
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined, path: string): string {
  let text: string;
  try {
    text = bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
  } catch {
    throw new CogscopeError('unreadable', 'The text is not in UTF-8', 'Save it as UTF-8, or as UTF-16 with its mark', path);
  }
  if (text.includes('\0')) throw new CogscopeError('unreadable', 'This is a binary file and no text', 'Name a text file; UTF-16 needs its mark at the beginning', path);
  return text;
}
