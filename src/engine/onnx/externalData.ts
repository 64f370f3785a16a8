/** Where external weights lie, and whether they may be read. */
import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { TensorProto } from './proto/onnx_pb.js';

export interface ExternalPlace {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface ExternalProblem {
  readonly what: string;
  readonly reason: string;
  readonly todo: string;
}

/** Data files by the location that tensors name: a model names one file hundreds of times. */
export type KnownFiles = Map<string, DataFile>;

type DataFile = { readonly path: string; readonly size: number } | Omit<ExternalProblem, 'what'>;

/** Resolves a tensor's external data to a real path, a stretch that exists, or the reason why not. */
export function resolveExternal(tensor: TensorProto, modelPath: string, bytes: number | undefined, known: KnownFiles): ExternalPlace | ExternalProblem {
  const entries = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get('location') ?? '';
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? bytes ?? NaN);
  if (location === '' || !Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    return problem(tensor, { reason: 'its record of where it lies is damaged', todo: 'Export the model again' });
  }
  const file = known.get(location) ?? dataFile(modelPath, location);
  known.set(location, file);
  if ('reason' in file) return problem(tensor, file);
  if (offset + length > file.size) {
    return problem(tensor, { reason: `the data file "${location}" is too short: ${offset + length} bytes are needed and it has ${file.size}`, todo: 'Copy it again' });
  }
  return { path: file.path, offset, length };
}

function dataFile(modelPath: string, location: string): DataFile {
  const folder = dirname(modelPath);
  if (isAbsolute(location) || escapes(folder, resolve(folder, location))) {
    return { reason: `its data lie outside the model's folder ("${location}")`, todo: 'Move the data file beside the model' };
  }
  let path: string;
  let size: number;
  try {
    path = realpathSync(join(folder, location));
    size = statSync(path).size;
  } catch {
    return { reason: `the data file "${location}" is missing`, todo: 'Put it beside the model' };
  }
  if (!staysInside(modelPath, join(folder, location), path)) {
    return { reason: `the data file "${location}" is a link that leaves the model's folder`, todo: 'Put the file itself beside the model' };
  }
  return { path, size };
}

const escapes = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way.startsWith('..') || isAbsolute(way);
};

/**
 * A link may lead on inside the folder, or, as in the Hugging Face cache, to the folder that the model's own link leads to.
 */
function staysInside(modelPath: string, path: string, real: string): boolean {
  const realFolder = realpathSync(dirname(modelPath));
  return !escapes(realFolder, real) || dirname(realpathSync(modelPath)) === dirname(real) || path === real;
}

function problem(tensor: TensorProto, why: Omit<ExternalProblem, 'what'>): ExternalProblem {
  return { what: `The weight "${tensor.name}" cannot be read`, ...why };
}
