/** Where external weights lie, and whether they may be read. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fingerprint } from './fingerprint.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { TensorProto } from './proto/onnx_pb.js';

export interface ExternalPlace {
  readonly file: Fingerprint;
  readonly offset: number;
  readonly length: number;
}

/** Why something cannot be read, and what to do. */
export interface Reason {
  readonly reason: string;
  readonly todo: string;
}

/** Data files by the location that tensors name: a model names one file hundreds of times. */
export type KnownFiles = Map<string, DataFile>;

type DataFile = Fingerprint | Reason;

/** Resolves a tensor's external data to a real path, a stretch that exists, or the reason why not. */
export function resolveExternal(tensor: TensorProto, modelPath: string, bytes: number | undefined, known: KnownFiles): ExternalPlace | Reason {
  const entries = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get('location') ?? '';
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? bytes ?? NaN);
  if (location === '' || !Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    return { reason: 'its record of where it lies is damaged', todo: 'Export the model again' };
  }
  const file = known.get(location) ?? dataFile(modelPath, location);
  known.set(location, file);
  if ('reason' in file) return file;
  if (offset + length > file.size) {
    return { reason: `the data file "${location}" is too short: ${offset + length} bytes are needed and it has ${file.size}`, todo: 'Copy it again' };
  }
  return { file, offset, length };
}

function dataFile(modelPath: string, location: string): DataFile {
  const folder = dirname(modelPath);
  if (isAbsolute(location) || escapes(folder, resolve(folder, location))) {
    return { reason: `its data lie outside the model's folder ("${location}")`, todo: 'Move the data file beside the model' };
  }
  // Where only the model is a link, its data lie beside the model itself.
  const path = realPath(join(folder, location)) ?? realPath(join(dirname(realpathSync(modelPath)), location));
  if (path === undefined) return { reason: `the data file "${location}" is missing`, todo: 'Put it beside the model' };
  if (!staysInside(modelPath, path)) {
    return { reason: `the data file "${location}" is a link that leaves the model's folder`, todo: 'Put the file itself beside the model' };
  }
  try {
    accessSync(path, constants.R_OK);
    const stat = statSync(path);
    return stat.isFile() ? fingerprint(path, stat) : { reason: `"${location}" is not a file`, todo: 'Put the data file beside the model' };
  } catch {
    return { reason: `the data file "${location}" may not be read`, todo: 'Give yourself the right to read it' };
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

const escapes = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
};

/**
 * A link may lead on inside the folder, or, as in the Hugging Face cache, to the folder that the model's own link leads to.
 */
function staysInside(modelPath: string, real: string): boolean {
  return !escapes(realpathSync(dirname(modelPath)), real) || dirname(realpathSync(modelPath)) === dirname(real);
}
