/** Models of the matrix with what lies beside a model from the hub. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scratch } from '../../lib/scratch.ts';
import { cellsFolder } from './cells.ts';

/** A cell of the matrix in a folder of its own, beside files by their names; its path. */
export function modelBeside(scratch: Scratch, architecture: string, files: Readonly<Record<string, string>>): string {
  const folder = scratch.path(`${architecture}-${Object.keys(files).length}`);
  mkdirSync(folder, { recursive: true });
  for (const file of ['torch-18.onnx', 'weights.bin']) copyFileSync(join(cellsFolder, architecture, file), join(folder, file));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return join(folder, 'torch-18.onnx');
}
