/** What TransformerLens says of states, logits and attention on the weights of committed models (training/lens/make_goldens.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '../../../src/engine/io/safetensors.ts';
import { toFloat32 } from '../../../src/engine/ort/tensor.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'test/fixtures/lens');

export interface LensSubject {
  readonly model: string;
  readonly prompt: readonly number[];
  readonly target: number;
  readonly distractor: number;
  readonly states: readonly string[];
  readonly parts: readonly string[];
  readonly heads: readonly string[];
}

export const { subjects } = JSON.parse(readFileSync(join(folder, 'goldens.json'), 'utf8')) as { readonly subjects: Readonly<Record<string, LensSubject>> };

export const pathOf = ({ model }: LensSubject): string => join(root, model);

export function goldenOf(subject: string): (key: string) => Float32Array {
  const tensors = readSafetensors(readFileSync(join(folder, `${subject}.safetensors`)));
  return (key) => {
    const tensor = tensors.get(key);
    assert.ok(tensor, `${subject} has a golden ${key}`);
    return toFloat32(tensor);
  };
}
