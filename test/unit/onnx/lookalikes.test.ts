/** Files that are no models say what they are. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { OnnxModel } from '../../../src/engine/onnx/model.ts';
import { checkLooksLikeOnnx } from '../../../src/engine/onnx/sniff.ts';
import { Memory } from '../../lib/byteSources.ts';
import { model, modelBytes } from '../../lib/protos.ts';
import { Scratch } from '../../lib/scratch.ts';
import { tinyAttention } from '../../lib/tinyAttention.ts';

const scratch = new Scratch();

async function opening(path: string): Promise<CogscopeError> {
  try {
    await (await OnnxModel.open(path)).close();
  } catch (error) {
    if (error instanceof CogscopeError) return error;
    throw error;
  }
  throw new Error(`${path} opened`);
}

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const padded = (start: Uint8Array): Uint8Array => Buffer.concat([start, new Uint8Array(600)]);

const files: readonly (readonly [name: string, content: Uint8Array | string, says: RegExp, todo: RegExp])[] = [
  ['nothing', '', /The file is empty/, /Export or copy it again/],
  ['Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 498000000\n', /Git LFS pointer/, /git lfs pull/],
  ['web page', '\n<!DOCTYPE html><html><body>Sign in</body></html>', /web page/, /Download/],
  ['web page with a byte order mark', '\ufeff<html lang="en">', /web page/, /Download/],
  ['JSON', '{\n  "model_type": "gpt2"\n}', /JSON/, /\.onnx/],
  ['JSON with a byte order mark', '\ufeff[{"id": 1}]', /JSON/, /\.onnx/],
  ['text', 'import torch\n\nprint("hello")\n', /is text/, /\.onnx/],
  ['text that is not English', 'Ça ne marche pas ; voilà tout.\n', /is text/, /\.onnx/],
  ['PyTorch checkpoint', latin('PK\x03\x04\x00\x00\x08\x08archive/data.pkl'), /zip archive \(a PyTorch checkpoint/, /torch\.onnx\.export/],
  ['old PyTorch checkpoint', latin('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'), /pickle/, /torch\.onnx\.export/],
  ['gzip', gzipSync(modelBytes(model(tinyAttention()))), /gzip/, /Unpack/],
  ['Keras', padded(latin('\x89HDF\r\n\x1a\n')), /HDF5/, /tf2onnx/],
  ['TensorFlow Lite', padded(latin('\x1c\x00\x00\x00TFL3')), /TensorFlow Lite/, /tf2onnx/],
  ['safetensors', padded(latin('\x40\x00\x00\x00\x00\x00\x00\x00{"weight":{"dtype":"F32"}}')), /safetensors/, /torch\.onnx\.export/],
  ['GGUF', padded(latin('GGUF\x03\x00\x00\x00')), /GGUF/, /ONNX/],
  ['ORT format', padded(latin('\x18\x00\x00\x00ORTM')), /own format/, /\.onnx/],
  ['PNG', padded(latin('\x89PNG\r\n\x1a\n')), /PNG image/, /\.onnx/],
  ['JPEG', padded(latin('\xff\xd8\xff\xe0\x00\x10JFIF')), /JPEG image/, /\.onnx/],
  ['zeros', new Uint8Array(4096), /does not read as ONNX: at byte 0/, /Export or copy it again/],
  ['protobuf without a graph', Uint8Array.of(0x08, 0x0a), /holds no ONNX graph/, /exported to ONNX/],
  ['one byte', Uint8Array.of(0x08), /does not read as ONNX/, /Export or copy it again/],
];

for (const [name, content, says, todo] of files) {
  test(name, async () => {
    const path = scratch.write('file.onnx', content);
    const { data } = await opening(path);
    assert.equal(data.code, 'unreadable');
    assert.match(data.what, says);
    assert.match(data.todo, todo);
    assert.equal(data.where, path);
  });
}

test('no file, and a folder', async () => {
  assert.deepEqual((await opening(scratch.path('absent.onnx'))).data.todo, 'Check the path');
  assert.match((await opening(scratch.folder)).message, /not a file/);
});

test('models are not taken for something else', async () => {
  const models = join(import.meta.dirname, '../../fixtures/models');
  for (const name of readdirSync(models)) await (await OnnxModel.open(join(models, name, 'model.onnx'))).close();
  // A message may begin with its longest text.
  checkLooksLikeOnnx(new Memory(latin(`\x12\x07pytorch\x1a\x052.1.0${' '.repeat(600)}`)), '');
});
