/** Image files by their first bytes, whatever they are called. */
import { readFileSync } from 'node:fs';
import { CogscopeError } from '../../shared/errors.ts';
import { unreadable } from './picture.ts';
import type { Picture } from './picture.ts';

interface Format {
  readonly name: string;
  readonly starts: readonly number[];
  /** Its decoder, loaded when the first such image comes; undefined: known, so that it can be named, and not read. */
  readonly decode: ((bytes: Uint8Array) => Promise<Picture>) | undefined;
}

const formats: readonly Format[] = [
  { name: 'PNG', starts: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], decode: async (bytes) => (await import('./png.ts')).decodePng(bytes) },
  { name: 'JPEG', starts: [0xff, 0xd8, 0xff], decode: async (bytes) => (await import('./jpeg.ts')).decodeJpeg(bytes) },
  { name: 'GIF', starts: [0x47, 0x49, 0x46, 0x38], decode: undefined },
  { name: 'WebP', starts: [0x52, 0x49, 0x46, 0x46], decode: undefined },
  { name: 'BMP', starts: [0x42, 0x4d], decode: undefined },
  { name: 'TIFF', starts: [0x49, 0x49, 0x2a, 0x00], decode: undefined },
];

/** Throws 'unreadable' for a file that cannot be opened, is of another format, or is damaged. */
export async function readPicture(path: string): Promise<Picture> {
  try {
    const bytes = readFileSync(path);
    const format = formats.find(({ starts }) => starts.every((byte, at) => bytes[at] === byte));
    if (!format?.decode) throw unreadable(format ? `it is a ${format.name} file` : 'it is neither PNG nor JPEG');
    return await format.decode(bytes);
  } catch (error) {
    if (error instanceof CogscopeError) throw new CogscopeError(error.code, error.data.what, error.data.todo, path, error.data.detail);
    throw new CogscopeError('unreadable', 'The image cannot be opened', 'Check the path', path, String(error));
  }
}
