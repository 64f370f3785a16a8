/** From a picture to what a model takes: resized, cropped, scaled and normalised, [channel, height, width]. */
import type { Processor, Step } from './config.ts';
import type { Picture } from './picture.ts';
import { resize } from './resample.ts';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** [3, height, width]. */
  readonly data: Float32Array;
}

/** Resized and cropped: what the model sees, as a person sees it. */
export const fitPicture = (picture: Picture, { steps }: Processor): Picture => steps.reduce(applyStep, picture);

/** Scaled and normalised. */
export function pixelsOf({ width, height, data }: Picture, processor: Processor): Pixels {
  const area = width * height;
  const result = new Float32Array(area * 3);
  const { scale } = processor;
  for (let channel = 0; channel < 3; channel++) {
    // Each step rounds to float32, as it does in Python.
    const mean = Math.fround(processor.mean[channel] ?? 0);
    const std = Math.fround(processor.std[channel] ?? 1);
    for (let at = 0; at < area; at++) result[channel * area + at] = Math.fround(Math.fround((data[at * 3 + channel] ?? 0) * scale) - mean) / std;
  }
  return { width, height, data: result };
}

function applyStep(picture: Picture, step: Step): Picture {
  switch (step.kind) {
    case 'resize':
      return resize(picture, step.width, step.height, step.resampling);
    case 'shortest': {
      const { width, height } = picture;
      const long = Math.max(1, Math.trunc(step.edge * Math.max(width, height) / Math.min(width, height)));
      return width <= height ? resize(picture, step.edge, long, step.resampling) : resize(picture, long, step.edge, step.resampling);
    }
    case 'crop':
      return crop(picture, step.width, step.height);
    default:
      return step satisfies never;
  }
}

/** The middle; where the picture is smaller than that, black around it. */
function crop(picture: Picture, width: number, height: number): Picture {
  const result = new Uint8Array(width * height * 3);
  const [left, top] = [startOf(picture.width, width), startOf(picture.height, height)];
  for (let y = 0; y < height; y++) {
    const row = y + top;
    if (row < 0 || row >= picture.height) continue;
    const from = Math.max(left, 0);
    const end = Math.min(left + width, picture.width);
    const to = (y * width + from - left) * 3;
    result.set(picture.data.subarray((row * picture.width + from) * 3, (row * picture.width + end) * 3), to);
  }
  return { width, height, data: result };
}

/** Where the middle part begins; of an odd remainder the smaller half stands before it, as in Python. */
function startOf(size: number, wanted: number): number {
  // Padding is the rounded-up half of what is missing.
  return wanted <= size ? Math.floor((size - wanted) / 2) : -Math.ceil((wanted - size) / 2);
}
