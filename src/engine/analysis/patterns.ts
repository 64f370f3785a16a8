/** Attention patterns as views take them: the strongest keys of each row, or a dense rectangle. */
import type { AveragedLayer } from '../../shared/protocol/averageApi.ts';
import type { AttentionPlace, LayerPatterns, PatternTile } from '../../shared/protocol/engineApi.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';

/** Up to this many positions rows are sent whole. */
const DENSE_POSITIONS = 64;
/** Keys per row and the smallest weight beyond that. HeadVis keeps 8 keys and drops below 0.005; twice the keys costs little here. */
const SPARSE_KEYS = 16;
const SPARSE_CUTOFF = 0.005;
/** Bytes of one head that a view is sent unasked, at most; of longer prompts fewer keys a row are sent. */
const HEAD_BYTES = 64_000;
const KEY_BYTES = Uint16Array.BYTES_PER_ELEMENT + Float32Array.BYTES_PER_ELEMENT;
const NO_KEY = 0xffff;
/** A tile is at most this many cells: 4 MB. */
const MAX_TILE_CELLS = 1 << 20;

/** The first prompt's patterns of one layer. `pattern` is [batch, head, dest, src]; of longer rows what is below `least` is left out. A cell takes `cellBytes`. */
export function sparsePatterns(pattern: CanonicalArray, place: AttentionPlace, least = SPARSE_CUTOFF, cellBytes = KEY_BYTES): LayerPatterns {
  const [, heads = 0, rows = 0, cols = 0] = pattern.shape;
  const isWhole = cols <= DENSE_POSITIONS;
  const perRow = isWhole ? cols : Math.max(Math.min(SPARSE_KEYS, Math.floor(HEAD_BYTES / (rows * cellBytes))), 1);
  const cutoff = isWhole ? 0 : least;
  const keys = new Uint16Array(heads * rows * perRow).fill(NO_KEY);
  const weights = new Float32Array(heads * rows * perRow);
  const nanRows: number[] = [];
  const kept: Kept = { keys, weights, perRow };
  for (let row = 0; row < heads * rows; row++) {
    const hasNan = isWhole ? whole(pattern.data, row * cols, cols, row, kept) : strongest(pattern.data, row * cols, cols, row, kept, cutoff);
    if (hasNan) nanRows.push(row);
  }
  return { ...place, heads, rows, cols, perRow, cutoff, keys, weights, nanRows: Uint32Array.from(nanRows) };
}

/** The same of numbers of either sign: the strongest are those that are furthest from 0, above a share of the largest of all as small as the cut-off of patterns. */
export function sparseSigned(values: CanonicalArray, place: AttentionPlace): LayerPatterns {
  const sizes = values.data.map(Math.abs);
  const largest = sizes.reduce((most, size) => (size > most ? size : most), 0);
  const sparse = sparsePatterns({ shape: values.shape, data: sizes }, place, SPARSE_CUTOFF * largest);
  const { cols, perRow, keys, weights } = sparse;
  return { ...sparse, weights: weights.map((weight, slot) => {
    const key = keys[slot] ?? NO_KEY;
    return key < cols && (values.data[Math.floor(slot / perRow) * cols + key] ?? 0) < 0 ? -weight : weight;
  }) };
}

/** Means of one layer with their spread, both [1, head, dest, src]. */
export function averagedLayer(mean: CanonicalArray, spread: CanonicalArray, place: AttentionPlace): AveragedLayer {
  const patterns = sparsePatterns(mean, place, SPARSE_CUTOFF, KEY_BYTES + Float32Array.BYTES_PER_ELEMENT);
  const { cols, perRow, keys } = patterns;
  return { patterns, spread: Float32Array.from(keys, (key, slot) => (key < cols ? spread.data[Math.floor(slot / perRow) * cols + key] ?? NaN : 0)) };
}

/** What is sent of all rows, one after the other. */
interface Kept {
  readonly keys: Uint16Array;
  readonly weights: Float32Array;
  readonly perRow: number;
}

/** Copies a row; whether it holds NaN. */
function whole(data: Float32Array, from: number, cols: number, row: number, { keys, weights, perRow }: Kept): boolean {
  let hasNan = false;
  for (let col = 0; col < cols; col++) {
    const weight = data[from + col] as number;
    keys[row * perRow + col] = col;
    weights[row * perRow + col] = weight;
    hasNan ||= Number.isNaN(weight);
  }
  return hasNan;
}

/**
 * Insertion into the few kept slots, strongest first; whether the row holds NaN. A pattern of 512 positions has three
 * million weights a layer, and this runs while the model waits: most weights fall four at a time, and no view is made a row.
 */
function strongest(data: Float32Array, from: number, cols: number, row: number, { keys, weights, perRow }: Kept, cutoff: number): boolean {
  const first = row * perRow;
  const end = first + perRow;
  const stop = from + cols;
  // In bounds, here and below: a fallback for every weight would cost as much as the comparison.
  const falls = (at: number, least: number): boolean => (data[at] as number) < least;
  let next = first;
  let least = cutoff;
  let hasNan = false;
  for (let at = from; at < stop; at++) {
    while (at + 4 <= stop && falls(at, least) && falls(at + 1, least) && falls(at + 2, least) && falls(at + 3, least)) at += 4;
    if (at === stop) break;
    const weight = data[at] as number;
    if (weight < least) continue;
    if (Number.isNaN(weight)) {
      hasNan = true;
      continue;
    }
    if (next === end && weight === least) continue;
    if (next < end) next++;
    let slot = next - 1;
    for (; slot > first && (weights[slot - 1] as number) < weight; slot--) {
      weights[slot] = weights[slot - 1] as number;
      keys[slot] = keys[slot - 1] as number;
    }
    weights[slot] = weight;
    keys[slot] = at - from;
    if (next === end) least = weights[end - 1] as number;
  }
  return hasNan;
}

export interface TileBounds {
  readonly row: number;
  readonly rows: number;
  readonly col: number;
  readonly cols: number;
}

/** A dense rectangle of one head; bounds are clamped to the pattern and to {@link MAX_TILE_CELLS}. */
export function patternTile(pattern: CanonicalArray, head: number, bounds: TileBounds): PatternTile {
  const [, heads = 0, height = 0, width = 0] = pattern.shape;
  const row = clamp(bounds.row, 0, height);
  const col = clamp(bounds.col, 0, width);
  const cols = clamp(bounds.cols, 0, width - col);
  const rows = Math.min(clamp(bounds.rows, 0, height - row), cols === 0 ? 0 : Math.floor(MAX_TILE_CELLS / cols));
  const values = new Float32Array(rows * cols);
  if (!Number.isInteger(head) || head < 0 || head >= heads) return { rows: 0, cols: 0, values: new Float32Array(0) };
  for (let at = 0; at < rows; at++) {
    const start = (head * height + row + at) * width + col;
    values.set(pattern.data.subarray(start, start + cols), at * cols);
  }
  return { rows, cols, values };
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(Math.trunc(value) || 0, low), high);
