/** A decoded image: red, green and blue of each pixel, row by row. */
import { CogscopeError } from '../../shared/errors.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3]. */
  readonly data: Uint8Array;
}

/** What Pillow too takes for an attack rather than a picture; decoded, this many pixels are half a gigabyte. */
const MOST_PIXELS = 178_956_970;

/** Throws 'unreadable' for an image that would not fit into memory, or has no pixels. */
export function checkSize(width: number, height: number): void {
  if (width < 1 || height < 1) throw unreadable('it has no pixels');
  if (width * height > MOST_PIXELS) throw unreadable(`it has ${width} by ${height} pixels, which are too many`);
}

export function unreadable(why: string, detail = ''): CogscopeError {
  return new CogscopeError('unreadable', `The image cannot be read: ${why}`, 'Give a PNG or JPEG file', '', detail);
}
