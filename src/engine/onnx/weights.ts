/** Reading a weight's elements, when somebody asks for them. */
import { CogscopeError } from '../../shared/errors.ts';
import { BFLOAT16, elementTypeName, FLOAT, FLOAT16 } from './elementType.ts';
import type { Weight } from './graph.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './halfFloat.ts';
import { ModelFile } from './modelFile.ts';
import type { OnnxModel } from './model.ts';
import { decodeSegments } from './typedFields.ts';

export interface FloatMatrix {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The little-endian bytes of a weight. Throws 'unreadable' or 'changed'. */
export function weightBytes(model: OnnxModel, weight: Weight): Uint8Array {
  const { storage } = weight;
  switch (storage.kind) {
    case 'inline':
      return storage.bytes;
    case 'file':
      return readStretch(model, storage.path, storage.offset, storage.length);
    case 'typed-field':
      return decodeSegments(storage.field, storage.segments, weight.dataType, (offset, length) => readStretch(model, storage.path, offset, length));
    default:
      return storage satisfies never;
  }
}

/** Bytes that a weight takes in its file. */
export function storedLength({ storage }: Weight): number {
  switch (storage.kind) {
    case 'file': return storage.length;
    case 'inline': return storage.bytes.length;
    case 'typed-field': return storage.segments.reduce((sum, segment) => sum + segment.length, 0);
    default: return storage satisfies never;
  }
}

function readStretch(model: OnnxModel, path: string, offset: number, length: number): Uint8Array {
  model.assertFileUnchanged(path);
  const bytes = path === model.realPath ? model.file.read(offset, length) : readOnce(path, offset, length);
  model.assertFileUnchanged(path);
  return bytes;
}

function readOnce(path: string, offset: number, length: number): Uint8Array {
  const file = ModelFile.open(path);
  try {
    return file.read(offset, length);
  } finally {
    file.close();
  }
}

const floats: ReadonlySet<number> = new Set([FLOAT, FLOAT16, BFLOAT16]);

/** Whether {@link readFloats} takes a weight. */
export const isFloat = ({ dataType }: Weight): boolean => floats.has(dataType);

/** A weight's elements as float32; half precision is widened. Throws 'refused' for types that are no numbers of that kind. */
export function readFloats(model: OnnxModel, weight: Weight): FloatMatrix {
  const bytes = weightBytes(model, weight);
  return { dims: weight.dims, data: toFloats(bytes, weight.dataType) };
}

function toFloats(bytes: Uint8Array, dataType: number): Float32Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  switch (dataType) {
    case FLOAT: return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
    case FLOAT16: return float16ToFloat32(new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2));
    case BFLOAT16: return bfloat16ToFloat32(new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 2));
    default: throw new CogscopeError('refused', `A weight of type ${elementTypeName(dataType)} is not read as numbers`, 'Use a float32 or float16 export');
  }
}
