/** The generated models that the bench and the tests open, made when first asked for. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gpt2Graph, gpt2Small } from './gpt2.ts';
import type { DecoderShape } from './gpt2.ts';
import { writeModel } from './write.ts';
import type { WriteOptions } from './write.ts';

export interface GeneratedModel extends WriteOptions {
  /** Part of the file's name: raise it when the generator changes. */
  readonly version: number;
  readonly shape: DecoderShape;
}

const wide = (layers: number, dModel: number): DecoderShape => ({ layers, heads: dModel / 64, dModel, dMlp: 4 * dModel, vocab: 50257, context: 1024 });

export const models = {
  /** 10 MB. */
  'tiny': { version: 1, shape: { layers: 6, heads: 4, dModel: 128, dMlp: 512, vocab: 9000, context: 1024 }, weights: 'inline', sparse: false },
  /** 498 MB, with weights that give uneven patterns. */
  'gpt2-small': { version: 1, shape: gpt2Small, weights: 'inline', sparse: false },
  /** 1.9 GB in one file: the most that protobuf's own limit lets an exporter write. */
  'inline-1.9GB': { version: 1, shape: wide(34, 1024), weights: 'inline', sparse: true },
  /** 5 GB beside a small file. */
  'external-5GB': { version: 1, shape: wide(42, 1536), weights: 'external', sparse: true },
} as const satisfies Readonly<Record<string, GeneratedModel>>;

export type ModelName = keyof typeof models;

/** The path of a generated model in `folder`; written there where it is not yet. */
export function generated(name: ModelName, folder: string): string {
  const model: GeneratedModel = models[name];
  const path = join(folder, `${name}-v${model.version}.onnx`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeModel(path, gpt2Graph(model.shape), model);
  return path;
}

/** Bytes of a model and its data file, as long as they say they are. */
export function sizeOf(path: string): number {
  return [path, `${path}.data`].filter((file) => existsSync(file)).reduce((sum, file) => sum + statSync(file).size, 0);
}
