/** One array from a file that a person names: .npy, or .safetensors with the array's name as key. */
import { readFile } from 'node:fs/promises';
import { CogscopeError } from '../../shared/errors.ts';
import type { Tensor } from '../ort/tensor.ts';
import { isNpy, readNpy } from './npy.ts';
import { readSafetensors } from './safetensors.ts';

/** The content decides, not the file's name, so that a pipe will do. Throws 'unreadable' where there is no such array. */
export async function readInputFile(path: string, key: string): Promise<Tensor> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new CogscopeError('unreadable', `The file for the input "${key}" cannot be read`, 'Check the path', path, String(error));
  }
  if (isNpy(bytes)) return readNpy(bytes, path);
  if (bytes[8] !== '{'.charCodeAt(0)) {
    throw new CogscopeError('unreadable', `The file for the input "${key}" is neither .npy nor .safetensors`, 'Write it with numpy.save or safetensors', path);
  }
  const tensors = readSafetensors(bytes, path);
  const tensor = tensors.get(key);
  if (!tensor) {
    const keys = [...tensors.keys()].slice(0, 8).join(', ');
    throw new CogscopeError('unreadable', `The file has no key "${key}" (it has ${keys === '' ? 'none' : keys})`, 'Save the array under the input’s name', path);
  }
  return tensor;
}
