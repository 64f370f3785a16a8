/**
 * Resizing as Pillow does it, bit for bit: one pass along the rows and one along the columns, each with weights in 22-bit
 * fixed point and a result of 8 bits; a filter is widened where the image shrinks, so that every source pixel counts.
 * (From version 13 on Pillow takes the columns of some tall images first, which rounds differently by up to 3 of 255.)
 */
import type { Picture } from './picture.ts';

/** Pillow's numbers, as `resample` in a preprocessor_config.json. */
export type Resampling = 'nearest' | 'lanczos' | 'bilinear' | 'bicubic' | 'box' | 'hamming';

interface Filter {
  /** How far it reaches, in pixels of the coarser image. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const CUBIC = -0.5;

const filters: Readonly<Record<Exclude<Resampling, 'nearest'>, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI))) },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function cubic(x: number): number {
  if (x < 1) return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * CUBIC : 0;
}

export function resize(picture: Picture, width: number, height: number, resampling: Resampling): Picture {
  if (picture.width === width && picture.height === height) return picture;
  if (resampling === 'nearest') return nearest(picture, width, height);
  const filter = filters[resampling];
  const wide = picture.width === width ? picture : alongRows(picture, width, filter);
  return wide.height === height ? wide : transposed(alongRows(transposed(wide), height, filter));
}

function nearest({ width, height, data }: Picture, toWidth: number, toHeight: number): Picture {
  const result = new Uint8Array(toWidth * toHeight * 3);
  for (let y = 0, to = 0; y < toHeight; y++) {
    const row = Math.floor((y + 0.5) * height / toHeight) * width;
    for (let x = 0; x < toWidth; x++, to += 3) {
      const from = (row + Math.floor((x + 0.5) * width / toWidth)) * 3;
      for (let channel = 0; channel < 3; channel++) result[to + channel] = data[from + channel] ?? 0;
    }
  }
  return { width: toWidth, height: toHeight, data: result };
}

/** Pixels that make one pixel of the result, from `first` on, and what each counts in fixed point. */
interface Taps {
  readonly first: number;
  readonly weights: Int32Array;
}

/** Bits behind the point: 32 less 8 of the result and 2 for weights beyond 0 to 1. */
const POINT = 22;

function tapsOf(from: number, to: number, { support, weight }: Filter): readonly Taps[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  return Array.from({ length: to }, (_, at): Taps => {
    const centre = (at + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const end = Math.min(Math.trunc(centre + reach + 0.5), from);
    const exact = Array.from({ length: end - first }, (__, index) => weight((index + first - centre + 0.5) * (1 / stretch)));
    const sum = exact.reduce((total, one) => total + one, 0);
    return { first, weights: Int32Array.from(exact, (one) => rounded((sum === 0 ? one : one / sum) * 2 ** POINT)) };
  });
}

const rounded = (value: number): number => Math.trunc(value < 0 ? value - 0.5 : value + 0.5);

function alongRows({ width, height, data }: Picture, toWidth: number, filter: Filter): Picture {
  const taps = tapsOf(width, toWidth, filter);
  const result = new Uint8Array(toWidth * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (const { first, weights } of taps) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 1 << (POINT - 1);
        let from = (y * width + first) * 3 + channel;
        for (let index = 0; index < weights.length; index++, from += 3) sum += (data[from] ?? 0) * (weights[index] ?? 0);
        result[to++] = Math.min(Math.max(sum >> POINT, 0), 255);
      }
    }
  }
  return { width: toWidth, height, data: result };
}

function transposed({ width, height, data }: Picture): Picture {
  const result = new Uint8Array(data.length);
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 3) {
      const to = (x * height + y) * 3;
      for (let channel = 0; channel < 3; channel++) result[to + channel] = data[from + channel] ?? 0;
    }
  }
  return { width: height, height: width, data: result };
}
