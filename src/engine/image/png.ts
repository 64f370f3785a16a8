/** PNG: grey, colour and palette, with what is transparent dropped, as converting to RGB in Python does. */
import { decode } from 'fast-png';
import type { DecodedPng } from 'fast-png';
import { checkSize, unreadable } from './picture.ts';
import type { Picture } from './picture.ts';

/** Where the header has width and height: behind the signature, the chunk's length and its name. */
const SIZE_AT = 16;

export function decodePng(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < SIZE_AT + 8) throw unreadable('the PNG is damaged');
  checkSize(view.getUint32(SIZE_AT), view.getUint32(SIZE_AT + 4));
  const png = read(bytes);
  if (png.depth === 16) throw unreadable('it has 16 bits a channel, and models are given 8');
  const { width, height } = png;
  const data = new Uint8Array(width * height * 3);
  const row = Math.ceil(width * png.channels * png.depth / 8);
  const colour = colourOf(png);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) data[to++] = colour(y * row, x, channel);
    }
  }
  return { width, height, data };
}

function read(bytes: Uint8Array): DecodedPng {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (error) {
    throw unreadable('the PNG is damaged', String(error));
  }
}

type Colour = (row: number, x: number, channel: number) => number;

function colourOf({ data, channels, depth, palette }: DecodedPng): Colour {
  if (channels >= 3) return (row, x, channel) => data[row + x * channels + channel] ?? 0;
  if (channels === 2) return (row, x) => data[row + x * 2] ?? 0;
  // Several pixels share a byte, the first in its highest bits.
  const most = (1 << depth) - 1;
  const sample = (row: number, x: number): number => ((data[row + (x * depth >> 3)] ?? 0) >> (8 - depth - (x * depth & 7))) & most;
  if (palette) return (row, x, channel) => palette[sample(row, x)]?.[channel] ?? 0;
  return (row, x) => Math.round(sample(row, x) * 255 / most);
}
