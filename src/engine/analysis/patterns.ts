/** Attention patterns as views take them: the strongest keys of each row, or a dense rectangle. */
import type { LayerPatterns, PatternTile } from '../../shared/protocol/engineApi.ts';
import type { CanonicalArray } from '../anatomy/canonical.ts';

/** Up to this many positions rows are sent whole. */
const DENSE_POSITIONS = 64;
/** Keys per row and the smallest weight beyond that. HeadVis keeps 8 keys and drops below 0.005; twice the keys costs little here. */
const SPARSE_KEYS = 16;
const SPARSE_CUTOFF = 0.005;
const NO_KEY = 0xffff;
/** A tile is at most this many cells: 4 MB. */
const MAX_TILE_CELLS = 1 << 20;

/** The first prompt's patterns of one layer. `pattern` is [batch, head, dest, src]. */
export function sparsePatterns(pattern: CanonicalArray, tower: string, layer: number): LayerPatterns {
  const [, heads = 0, rows = 0, cols = 0] = pattern.shape;
  const isWhole = cols <= DENSE_POSITIONS;
  const perRow = isWhole ? cols : SPARSE_KEYS;
  const cutoff = isWhole ? 0 : SPARSE_CUTOFF;
  const keys = new Uint16Array(heads * rows * perRow).fill(NO_KEY);
  const weights = new Float32Array(heads * rows * perRow);
  const nanRows: number[] = [];
  for (let row = 0; row < heads * rows; row++) {
    const source = pattern.data.subarray(row * cols, (row + 1) * cols);
    const target = row * perRow;
    if (source.some(Number.isNaN)) nanRows.push(row);
    if (isWhole) {
      for (let col = 0; col < cols; col++) keys[target + col] = col;
      weights.set(source, target);
    } else {
      strongest(source, keys.subarray(target, target + perRow), weights.subarray(target, target + perRow), cutoff);
    }
  }
  return { tower, layer, heads, rows, cols, perRow, cutoff, keys, weights, nanRows: Uint32Array.from(nanRows) };
}

/** Insertion into the few kept slots, strongest first; most candidates fall at the first comparison. */
function strongest(row: Float32Array, keys: Uint16Array, weights: Float32Array, cutoff: number): void {
  let kept = 0;
  for (let col = 0; col < row.length; col++) {
    const weight = row[col] ?? 0;
    if (!(weight >= cutoff) || (kept === keys.length && weight <= (weights[kept - 1] ?? 0))) continue;
    if (kept < keys.length) kept++;
    let slot = kept - 1;
    for (; slot > 0 && (weights[slot - 1] ?? 0) < weight; slot--) {
      weights[slot] = weights[slot - 1] ?? 0;
      keys[slot] = keys[slot - 1] ?? NO_KEY;
    }
    weights[slot] = weight;
    keys[slot] = col;
  }
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
  if (head < 0 || head >= heads) return { rows: 0, cols: 0, values: new Float32Array(0) };
  for (let at = 0; at < rows; at++) {
    const start = (head * height + row + at) * width + col;
    values.set(pattern.data.subarray(start, start + cols), at * cols);
  }
  return { rows, cols, values };
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(Math.trunc(value) || 0, low), high);
