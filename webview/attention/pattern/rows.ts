/** Look-ups in the sparse patterns of a layer. */
import type { LayerPatterns } from '../../../src/shared/protocol/engineApi.ts';

export interface Source {
  readonly at: number;
  readonly weight: number;
}

const NO_KEY = 0xffff;

/** Whether the rows were sent complete. */
export const isWhole = (layer: LayerPatterns): boolean => layer.perRow >= layer.cols;

export function hasNan(layer: LayerPatterns, head: number, row: number): boolean {
  return layer.nanRows.includes(head * layer.rows + row);
}

/** Heads of the layer that hold NaN somewhere. */
export function nanHeads(layer: LayerPatterns): readonly number[] {
  return [...new Set(Array.from(layer.nanRows, (row) => Math.floor(row / layer.rows)))];
}

/** The weight of a cell; undefined where it was not sent. */
export function weightAt(layer: LayerPatterns, head: number, row: number, col: number): number | undefined {
  const start = (head * layer.rows + row) * layer.perRow;
  for (let slot = start; slot < start + layer.perRow; slot++) {
    if (layer.keys[slot] === col) return layer.weights[slot];
  }
  return undefined;
}

/** What a row attends to, as far as it was sent, strongest first, of either sign. */
export function sourcesOf(layer: LayerPatterns, head: number, row: number): readonly Source[] {
  const start = (head * layer.rows + row) * layer.perRow;
  const found: Source[] = [];
  for (let slot = start; slot < start + layer.perRow; slot++) {
    const at = layer.keys[slot] ?? NO_KEY;
    if (at !== NO_KEY && at < layer.cols) found.push({ at, weight: layer.weights[slot] ?? 0 });
  }
  return found.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || a.at - b.at);
}

/** The rows that attend to a column, as far as they were sent, in order of position. */
export function readersOf(layer: LayerPatterns, head: number, col: number): readonly Source[] {
  return Array.from({ length: layer.rows }, (_, at) => ({ at, weight: weightAt(layer, head, at, col) ?? 0 })).filter((reader) => reader.weight > 0);
}

/** The share of a layer's weight that was sent, over its heads and rows without NaN: each row adds up to one. Of the least head, and of all. */
export function massKept(layer: LayerPatterns): { readonly least: number; readonly mean: number } {
  const known = masses.get(layer);
  if (known) return known;
  const each = layer.rows * layer.perRow;
  const shares = Array.from({ length: layer.heads }, (_, head) => {
    const rows = layer.rows - layer.nanRows.filter((row) => Math.floor(row / layer.rows) === head).length;
    let sum = 0;
    for (let row = 0; row < layer.rows; row++) if (!hasNan(layer, head, row)) for (let slot = row * layer.perRow; slot < (row + 1) * layer.perRow; slot++) sum += layer.weights[head * each + slot] ?? 0;
    return rows > 0 ? Math.min(sum / rows, 1) : 1;
  });
  const mass = { least: Math.min(...shares, 1), mean: shares.reduce((sum, share) => sum + share, 0) / Math.max(shares.length, 1) };
  masses.set(layer, mass);
  return mass;
}

const masses = new WeakMap<LayerPatterns, { readonly least: number; readonly mean: number }>();
