/** What a preprocessor_config.json says is done with an image, as steps in their order. */
import { readFileSync } from 'node:fs';
import { CogscopeError } from '../../shared/errors.ts';
import type { Resampling } from './resample.ts';

export type Step =
  /** To exactly this size. */
  | { readonly kind: 'resize'; readonly width: number; readonly height: number; readonly resampling: Resampling }
  /** So that the shorter edge has this length. */
  | { readonly kind: 'shortest'; readonly edge: number; readonly resampling: Resampling }
  | { readonly kind: 'crop'; readonly width: number; readonly height: number };

export interface Processor {
  readonly path: string;
  /** As the file names it. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** What every value is multiplied with first; 1 leaves 0 to 255. */
  readonly scale: number;
  /** By channel; then (value - mean) / std. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export const PROCESSOR_FILE = 'preprocessor_config.json';

type Json = Readonly<Record<string, unknown>>;

interface Kind {
  /** Members that the file must have: versions of the processor take them differently where it leaves them out. */
  readonly said?: readonly string[];
  readonly size: unknown;
  /** Whether one number as size is a square or the shorter edge. */
  readonly square: boolean;
  readonly crop: number | null;
  /** The image is enlarged by this share before it is cropped to its size, where that is small (ConvNeXt). */
  readonly cropShare?: number;
  readonly resampling: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const BILINEAR = 2;
const BICUBIC = 3;
const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const clip = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] } as const;

/** What each processor does where its file leaves something out. */
const kinds: Readonly<Record<string, Kind>> = {
  ViT: { size: 224, square: true, crop: null, resampling: BILINEAR, ...half },
  Siglip: { size: { height: 224, width: 224 }, square: false, crop: null, resampling: BICUBIC, ...half },
  DeiT: { size: 256, square: true, crop: 224, resampling: BICUBIC, ...half },
  Beit: { said: ['size', 'do_center_crop'], size: 256, square: true, crop: 224, resampling: BICUBIC, ...half },
  CLIP: { size: 224, square: false, crop: 224, resampling: BICUBIC, ...clip },
  ChineseCLIP: { size: 224, square: false, crop: 224, resampling: BICUBIC, ...clip },
  Bit: { size: 224, square: false, crop: 224, resampling: BICUBIC, ...clip },
  ConvNext: { said: ['resample'], size: 384, square: false, crop: null, cropShare: 224 / 256, resampling: BILINEAR, ...half },
  MobileNetV1: { size: 256, square: false, crop: 224, resampling: BILINEAR, ...half },
  MobileNetV2: { size: 256, square: false, crop: 224, resampling: BILINEAR, ...half },
};

/** From this size on ConvNeXt's processor only resizes. */
const UNCROPPED = 384;

const resamplings: readonly Resampling[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Throws 'unreadable' for a damaged file and 'refused' for a processor that does something else. */
export function readProcessor(path: string): Processor {
  const json = parse(path);
  const name = String(json['image_processor_type'] ?? json['feature_extractor_type'] ?? '');
  const family = name.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '');
  const kind = Object.hasOwn(kinds, family) ? kinds[family] : undefined;
  if (!kind) {
    throw new CogscopeError('refused', `Images for this model are prepared by ${name === '' ? 'a processor that its file does not name' : name}, which Cogscope does not know`, 'Give the pixels with --input NAME=FILE.npy', path);
  }
  const reader = new Reader(json, path);
  reader.require(kind.said ?? []);
  // Older versions of the processors pay no heed to these, newer ones do.
  if (kind.crop === null) reader.refuse('do_center_crop');
  reader.refuse('do_pad');
  const isScaled = reader.flag('do_rescale', true);
  const isNormal = reader.flag('do_normalize', true);
  return {
    path, name,
    steps: reader.flag('do_resize', true) ? [...sizeSteps(kind, reader), ...cropSteps(kind, reader)] : cropSteps(kind, reader),
    scale: isScaled ? reader.number('rescale_factor', 1 / 255) : 1,
    mean: isNormal ? reader.channels('image_mean', kind.mean) : [0, 0, 0],
    std: isNormal ? reader.channels('image_std', kind.std) : [1, 1, 1],
  };
}

function sizeSteps(kind: Kind, reader: Reader): readonly Step[] {
  const resampling = reader.resampling(kind.resampling);
  const size = reader.size('size', kind.size, kind.square);
  if (size.kind === 'exact') return [{ ...size, kind: 'resize', resampling }];
  const { edge } = size;
  if (kind.cropShare === undefined) return [{ kind: 'shortest', edge, resampling }];
  if (edge >= UNCROPPED) return [{ kind: 'resize', width: edge, height: edge, resampling }];
  return [
    { kind: 'shortest', edge: Math.trunc(edge / reader.number('crop_pct', kind.cropShare)), resampling },
    { kind: 'crop', width: edge, height: edge },
  ];
}

function cropSteps(kind: Kind, reader: Reader): readonly Step[] {
  if (kind.crop === null || !reader.flag('do_center_crop', true)) return [];
  const size = reader.size('crop_size', kind.crop, true);
  return size.kind === 'exact' ? [{ ...size, kind: 'crop' }] : [{ kind: 'crop', width: size.edge, height: size.edge }];
}

type Size = { readonly kind: 'exact'; readonly width: number; readonly height: number } | { readonly kind: 'edge'; readonly edge: number };

/** More pixels along an edge than any model takes. */
const LONGEST = 1 << 14;

/** Members of the file by name, each of the type that it must have; null is the same as left out. */
class Reader {
  private readonly json: Json;
  private readonly path: string;

  constructor(json: Json, path: string) {
    this.json = json;
    this.path = path;
  }

  require(names: readonly string[]): void {
    const missing = names.find((name) => (this.json[name] ?? null) === null);
    if (missing !== undefined) throw this.refusal(`"${missing}" is left out, and versions of this processor differ in what they then do`);
  }

  /** For a step that must not be asked for. */
  refuse(name: string): void {
    if (this.flag(name, false)) throw this.wrong(name);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.json[name] ?? otherwise;
    if (typeof value !== 'boolean') throw this.wrong(name);
    return value;
  }

  number(name: string, otherwise: number): number {
    const value = this.json[name] ?? otherwise;
    if (typeof value !== 'number' || !(value > 0)) throw this.wrong(name);
    return value;
  }

  channels(name: string, otherwise: readonly number[]): readonly number[] {
    const value = this.json[name] ?? otherwise;
    const list: readonly unknown[] = typeof value === 'number' ? [value, value, value] : Array.isArray(value) ? value : [];
    if (list.length !== 3 || !list.every((one) => typeof one === 'number')) throw this.wrong(name);
    return list;
  }

  resampling(otherwise: number): Resampling {
    const found = resamplings[Number(this.json['resample'] ?? otherwise)];
    if (!found) throw this.wrong('resample');
    return found;
  }

  size(name: string, otherwise: unknown, square: boolean): Size {
    const value = this.json[name] ?? otherwise;
    const edge = (one: unknown): number => {
      if (typeof one !== 'number' || !Number.isInteger(one) || one < 1 || one > LONGEST) throw this.wrong(name);
      return one;
    };
    if (typeof value === 'number') return square ? { kind: 'exact', width: edge(value), height: edge(value) } : { kind: 'edge', edge: edge(value) };
    if (Array.isArray(value)) return { kind: 'exact', height: edge(value[0]), width: edge(value[1]) };
    const { height, width, shortest_edge: shortest, ...rest } = (typeof value === 'object' && value !== null ? value : {}) as Json;
    if (Object.keys(rest).length > 0) throw this.wrong(name);
    return shortest === undefined ? { kind: 'exact', width: edge(width), height: edge(height) } : { kind: 'edge', edge: edge(shortest) };
  }

  private wrong(name: string): CogscopeError {
    return this.refusal(`"${name}" is ${JSON.stringify(this.json[name])}, which Cogscope does not know how to follow`);
  }

  private refusal(what: string): CogscopeError {
    return new CogscopeError('refused', what, 'Give the pixels with --input NAME=FILE.npy', this.path);
  }
}

function parse(path: string): Json {
  try {
    const json = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json;
    throw new Error('it holds no object');
  } catch (error) {
    throw new CogscopeError('unreadable', `The ${PROCESSOR_FILE} cannot be read`, 'Put the model’s own beside it', path, String(error));
  }
}
