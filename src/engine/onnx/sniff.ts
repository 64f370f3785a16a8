/** Files that people take for models: said by name before the protobuf reader stumbles. */
import { CogscopeError } from '../../shared/errors.ts';
import type { ByteSource } from './modelFile.ts';

interface Lookalike {
  readonly fits: (head: Uint8Array, text: string) => boolean;
  readonly what: string;
  readonly todo: string;
}

const startsWith = (head: Uint8Array, ...bytes: readonly number[]): boolean => bytes.every((byte, index) => head[index] === byte);

const lookalikes: readonly Lookalike[] = [
  { fits: (_, text) => text.startsWith('version https://git-lfs'), what: 'The file is a Git LFS pointer, not the model', todo: 'Run "git lfs pull"' },
  { fits: (head) => startsWith(head, 0x50, 0x4b, 0x03, 0x04), what: 'The file is a zip archive (a PyTorch checkpoint, perhaps), not an ONNX model', todo: 'Export the model with torch.onnx.export' },
  { fits: (_, text) => /^\s*(<!doctype|<html)/i.test(text), what: 'The file is a web page, not a model', todo: 'Download the model itself' },
  { fits: (_, text) => /^\s*[{[]/.test(text) && /"/.test(text), what: 'The file is JSON, not an ONNX model', todo: 'Choose the .onnx file' },
  { fits: (head) => startsWith(head, 0x47, 0x47, 0x55, 0x46), what: 'The file is a GGUF model, which Cogscope does not read', todo: 'Export the model to ONNX' },
  { fits: (head, text) => text.slice(4, 8) === 'ORTM' && head.length > 8, what: 'The file is in ONNX Runtime’s own format', todo: 'Open the .onnx file that it was made from' },
];

export function checkLooksLikeOnnx(source: ByteSource, path: string): void {
  if (source.size === 0) throw new CogscopeError('unreadable', 'The file is empty', 'Export or copy it again', path);
  const head = source.read(0, Math.min(source.size, 512));
  const text = new TextDecoder('latin1').decode(head);
  const found = lookalikes.find((lookalike) => lookalike.fits(head, text));
  if (found) throw new CogscopeError('unreadable', found.what, found.todo, path);
}
