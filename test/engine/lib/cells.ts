/** The matrix's cells as they are committed: architecture by exporter, with PyTorch's activations and what is expected. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '../../../src/engine/io/safetensors.ts';
import type { Tensor } from '../../../src/engine/ort/tensor.ts';

export const cellsFolder = join(import.meta.dirname, '../../fixtures/cells');

/** What came of a cell: 'proved', or why the product does not show all of it. */
export type State = 'proved' | { readonly refused: string };

interface CellRecord {
  /** 'file': the form itself changes the numbers, so the file's own untouched run is the truth. */
  readonly compare: 'pytorch' | 'file';
  readonly torchMaxAbs: number | null;
  /** The file runs a row at a time only. */
  readonly oneByOne?: true;
}

export interface ArchitectureRecord {
  readonly kind: string;
  /** Expected figures by tower prefix. */
  readonly towers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cells: Readonly<Record<string, CellRecord | { readonly notExported: string }>>;
}

export interface Cell extends CellRecord {
  readonly architecture: string;
  readonly exporter: string;
  readonly path: string;
  readonly towers: ArchitectureRecord['towers'];
}

const readJson = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(cellsFolder, ...path), 'utf8'));

export const architectures: ReadonlyMap<string, ArchitectureRecord> = new Map(
  readdirSync(cellsFolder).sort().filter((name) => existsSync(join(cellsFolder, name, 'cells.json'))).map((name) => [name, readJson(name, 'cells.json') as ArchitectureRecord]));

/** States by exporter, as committed. */
export function statesOf(architecture: string): Readonly<Record<string, State>> {
  return existsSync(join(cellsFolder, architecture, 'states.json')) ? readJson(architecture, 'states.json') as Record<string, State> : {};
}

/** The cells that have a file; `only` is ARCHITECTURE[,EXPORTER]. */
export function cellsOf(only?: string): readonly Cell[] {
  const [wanted, form] = only?.split(',') ?? [];
  return [...architectures].flatMap(([architecture, { towers, cells }]) => Object.entries(cells).flatMap(([exporter, record]): readonly Cell[] => {
    if ('notExported' in record || (wanted && wanted !== architecture) || (form && form !== exporter)) return [];
    return [{ architecture, exporter, path: join(cellsFolder, architecture, `${exporter}.onnx`), towers, ...record }];
  }));
}

const read = new Map<string, ReadonlyMap<string, Tensor>>();

/** PyTorch's inputs (`input.NAME`, `short.NAME`), outputs and activations by address. */
export function cellGoldens(architecture: string): ReadonlyMap<string, Tensor> {
  const known = read.get(architecture) ?? readSafetensors(readFileSync(join(cellsFolder, architecture, 'goldens.safetensors')));
  read.set(architecture, known);
  return known;
}
