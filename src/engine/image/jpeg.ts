/** JPEG through mozjpeg compiled to WebAssembly, the decoder family that Pillow uses: the pixels are the same bit for bit. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as library from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import { checkSize, unreadable } from './picture.ts';
import type { Picture } from './picture.ts';

/** What we use of WebAssembly and of the decoder, whose own declarations need those of a browser. */
interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
interface Decoder {
  decode(bytes: Uint8Array, upright: boolean): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } | null;
}
interface Options {
  readonly noInitialRun: boolean;
  readonly instantiateWasm: (imports: object, done: (instance: object) => void) => object;
  readonly print: (line: string) => void;
  readonly printErr: (line: string) => void;
}

const { default: startDecoder } = library as unknown as { readonly default: (options: Options) => Promise<Decoder> };
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Wasm };

/** Turned the way its EXIF orientation says. A decoder that met a damaged file is in no known state, so each image gets its own. */
export async function decodeJpeg(bytes: Uint8Array): Promise<Picture> {
  const { width, height } = frameSize(bytes);
  checkSize(width, height);
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const decoder = await startDecoder({
    noInitialRun: true,
    instantiateWasm: (imports, done) => {
      const instance = new WebAssembly.Instance(compiled(), imports);
      done(instance);
      return instance.exports;
    },
    print: say, printErr: say,
  });
  try {
    const image = decoder.decode(bytes, true);
    if (image && image.data.length === image.width * image.height * 4) return { width: image.width, height: image.height, data: withoutAlpha(image.data) };
  } catch {
    // What is thrown is a number or an object without a word; what it said is the reason.
  }
  throw said.some((line) => /color/i.test(line)) ? unreadable('its colours are neither RGB nor grey', said.join('\n')) : unreadable('the JPEG is damaged', said.join('\n'));
}

let module: object | undefined;

/** Beside the bundle that ships; in the package while working from the sources. */
function compiled(): object {
  const beside = new URL('mozjpeg_dec.wasm', import.meta.url);
  const url = existsSync(beside) ? beside : new URL(import.meta.resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm'));
  module ??= new WebAssembly.Module(readFileSync(fileURLToPath(url)));
  return module;
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from] ?? 0;
    rgb[to++] = rgba[from + 1] ?? 0;
    rgb[to++] = rgba[from + 2] ?? 0;
  }
  return rgb;
}

/** The size that the frame header tells, read before anything of that size is made. */
function frameSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 <= bytes.length;) {
    const marker = view.getUint16(at);
    if (marker < 0xff01) break;
    if (marker === 0xffff) {
      at++;
      continue;
    }
    // Start-of-frame markers but for those between them that are tables.
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc;
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    at += marker === 0xff01 || (marker >= 0xffd0 && marker <= 0xffd9) ? 2 : 2 + view.getUint16(at + 2);
  }
  throw unreadable('the JPEG is damaged');
}
