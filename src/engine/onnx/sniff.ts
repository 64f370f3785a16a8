/** Files that people take for models: said by name before the protobuf reader stumbles. */
import { CogscopeError } from '../../shared/errors.ts';
import type { ByteSource } from './modelFile.ts';

interface Lookalike {
  readonly fits: (head: Uint8Array, text: string) => boolean;
  readonly what: string;
  readonly todo: string;
}

const exportIt = 'Export the model with torch.onnx.export';
const starts = (...bytes: readonly number[]) => (head: Uint8Array): boolean => bytes.every((byte, index) => head[index] === byte);
const holds = (mark: string, at: number) => (_: Uint8Array, text: string): boolean => text.slice(at, at + mark.length) === mark;
const begins = (pattern: RegExp) => (_: Uint8Array, text: string): boolean => pattern.test(text);

/** The first row that fits. `text` has a character a byte. */
const lookalikes: readonly Lookalike[] = [
  { fits: holds('version https://git-lfs', 0), what: 'The file is a Git LFS pointer, not the model', todo: 'Run "git lfs pull"' },
  { fits: starts(0x50, 0x4b, 0x03, 0x04), what: 'The file is a zip archive (a PyTorch checkpoint, perhaps), not an ONNX model', todo: exportIt },
  { fits: starts(0x1f, 0x8b), what: 'The file is compressed with gzip', todo: 'Unpack it first' },
  { fits: (head) => head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5, what: 'The file is a Python pickle (a PyTorch checkpoint, perhaps), not an ONNX model', todo: exportIt },
  { fits: starts(0x89, 0x48, 0x44, 0x46), what: 'The file is HDF5 (a Keras model, perhaps), not an ONNX model', todo: 'Convert it with tf2onnx' },
  { fits: holds('TFL3', 4), what: 'The file is a TensorFlow Lite model, not an ONNX model', todo: 'Convert it with tf2onnx' },
  { fits: holds('{"', 8), what: 'The file holds safetensors weights, not an ONNX model', todo: exportIt },
  { fits: starts(0x47, 0x47, 0x55, 0x46), what: 'The file is a GGUF model, which Cogscope does not read', todo: 'Export the model to ONNX' },
  { fits: holds('ORTM', 4), what: 'The file is in ONNX Runtime’s own format', todo: 'Open the .onnx file that it was made from' },
  { fits: starts(0x89, 0x50, 0x4e, 0x47), what: 'The file is a PNG image, not a model', todo: 'Choose the .onnx file' },
  { fits: starts(0xff, 0xd8, 0xff), what: 'The file is a JPEG image, not a model', todo: 'Choose the .onnx file' },
  { fits: begins(/^(\u00ef\u00bb\u00bf)?\s*<(!doctype|html)/i), what: 'The file is a web page, not a model', todo: 'Download the model itself' },
  { fits: begins(/^(\u00ef\u00bb\u00bf)?\s*(\{\s*["}]|\[\s*["[{\d\]])/), what: 'The file is JSON, not an ONNX model', todo: 'Choose the .onnx file' },
  // A protobuf message has tags and lengths, which are control characters where the texts are short.
  { fits: begins(/^[\t\n\r\f\u0020-\u007e\u0080-\u00ff]{4,}$/), what: 'The file is text, not an ONNX model', todo: 'Choose the .onnx file' },
];

export function checkLooksLikeOnnx(source: ByteSource, path: string): void {
  if (source.size === 0) throw new CogscopeError('unreadable', 'The file is empty', 'Export or copy it again', path);
  const head = source.read(0, Math.min(source.size, 512));
  const text = String.fromCharCode(...head);
  const found = lookalikes.find((lookalike) => lookalike.fits(head, text));
  if (found) throw new CogscopeError('unreadable', found.what, found.todo, path);
}
