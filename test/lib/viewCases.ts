/** What was shown when the code of each view was run, and the hash of its text (training/views/rerun_views.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shown } from '../../src/shared/python/write.ts';

export interface ViewCase {
  readonly name: string;
  /** Of the ONNX file, from the repository's root. */
  readonly path: string;
  readonly subject: string;
  readonly shown: Shown;
  readonly sha256: string;
}

export const viewsFolder = join(import.meta.dirname, '../fixtures/views');

/** A drawn pattern's cells are a list in the file. */
const floats = (key: string, value: unknown): unknown => (key === 'values' ? Float32Array.from(value as readonly number[]) : value);

export const { cases: viewCases } = JSON.parse(readFileSync(join(viewsFolder, 'cases.json'), 'utf8'), floats) as { readonly cases: readonly ViewCase[] };
