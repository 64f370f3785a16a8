/** The committed fixtures: tiny models and what PyTorch computed in them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAnatomy } from '../../src/engine/anatomy/read.ts';
import type { Anatomy } from '../../src/engine/anatomy/types.ts';
import { readSafetensors } from '../../src/engine/io/safetensors.ts';
import { inferTypes } from '../../src/engine/onnx/infer/infer.ts';
import type { TypeTable } from '../../src/engine/onnx/infer/infer.ts';
import { OnnxModel } from '../../src/engine/onnx/model.ts';
import type { Value } from '../../src/engine/onnx/graph.ts';
import type { Tensor } from '../../src/engine/ort/tensor.ts';
import { chainShape } from '../../src/engine/program/chain.ts';
import { Program } from '../../src/engine/program/program.ts';

export const fixtureFolder = join(import.meta.dirname, '..', 'fixtures');

export interface Fixture {
  readonly name: string;
  readonly path: string;
  readonly meta: { readonly style: string; readonly tower: Readonly<Record<string, unknown>> };
}

export const fixtures: readonly Fixture[] = readdirSync(join(fixtureFolder, 'models')).sort().map((name) => ({
  name,
  path: join(fixtureFolder, 'models', name, 'model.onnx'),
  meta: JSON.parse(readFileSync(join(fixtureFolder, 'models', name, 'meta.json'), 'utf8')) as Fixture['meta'],
}));

export function fixture(name: string): Fixture {
  const found = fixtures.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no fixture ${name}`);
  return found;
}

export function goldens(style: string): ReadonlyMap<string, Tensor> {
  const cell = join(fixtureFolder, 'cells', style, 'goldens.safetensors');
  return readSafetensors(readFileSync(existsSync(cell) ? cell : join(fixtureFolder, 'goldens', `${style}.safetensors`)));
}

export interface Opened {
  readonly model: OnnxModel;
  readonly types: TypeTable;
  readonly anatomy: Anatomy;
  program(level?: 'all' | 'basic'): Program;
}

export async function openFixture(path: string): Promise<Opened> {
  const model = await OnnxModel.open(path);
  const types = inferTypes(model);
  const anatomy = readAnatomy(model, types);
  return {
    model, types, anatomy,
    program: (level = 'all') => new Program(model, types, chainShape(model, types, anatomy), { threads: 1, level, weightBudget: 1e9 }),
  };
}

/** The goldens' inputs (`input.` or `short.`), by the model's own input values; fixtures keep PyTorch's names. */
export function goldenInputs(opened: Opened, style: string, prefix = 'input.'): ReadonlyMap<Value, Tensor> {
  const golden = goldens(style);
  return new Map(opened.model.graph.inputs.map((value) => {
    const tensor = golden.get(`${prefix}${value.name}`);
    if (!tensor) throw new Error(`${style} has no golden ${prefix}${value.name}`);
    return [value, tensor];
  }));
}

/** Largest absolute difference; NaN where lengths differ or one side is NaN. */
export function maxAbs(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  let worst = 0;
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs((a[index] ?? NaN) - (b[index] ?? NaN));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}
