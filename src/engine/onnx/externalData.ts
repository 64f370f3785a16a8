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

/** Resolves a tensor's external data to a real path, a stretch that exists, or the reason why not. */
export function resolveExternal(tensor: TensorProto, modelPath: string, bytes: number | undefined): ExternalPlace | ExternalProblem {
  const entries = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const location = entries.get('location') ?? '';
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? bytes ?? NaN);
  if (location === '' || !Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    return problem(tensor, 'its record of where it lies is damaged', 'Export the model again');
  }
  const folder = dirname(modelPath);
  if (isAbsolute(location) || escapes(folder, resolve(folder, location))) {
    return problem(tensor, `its data lie outside the model's folder ("${location}")`, 'Move the data file beside the model');
  }
  let path: string;
  let size: number;
  try {
    path = realpathSync(join(folder, location));
    size = statSync(path).size;
  } catch {
    return problem(tensor, `the data file "${location}" is missing`, 'Put it beside the model');
  }
  if (!staysInside(modelPath, join(folder, location), path)) {
    return problem(tensor, `the data file "${location}" is a link that leaves the model's folder`, 'Put the file itself beside the model');
  }
  if (offset + length > size) {
    return problem(tensor, `the data file "${location}" is too short: ${offset + length} bytes are needed and it has ${size}`, 'Copy it again');
  }
  return { path, offset, length };
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

function problem(tensor: TensorProto, reason: string, todo: string): ExternalProblem {
  return { what: `The weight "${tensor.name}" cannot be read`, reason, todo };
}
