/** How well attention fits a pattern: TransformerLens's `compute_head_attention_similarity_score` (`head_detector.py`, 4.3), for all heads of a layer at once. */
import type { ScoreMeasure } from '../../../shared/protocol/headApi.ts';
import type { CanonicalArray } from '../../anatomy/canonical.ts';
import type { Detection } from './detections.ts';

export interface ScoreOptions {
  readonly measure: ScoreMeasure;
  /** As TransformerLens has it: attention to position 0. */
  readonly excludeBos: boolean;
  readonly excludeCurrentToken: boolean;
}

/** Of one row of a batch: [detections, heads]. `pattern` is [batch, head, dest, src], as large as the detections. NaN where a score divides nothing by nothing. */
export function scoreHeads(pattern: CanonicalArray, row: number, detections: readonly Detection[], options: ScoreOptions): Float64Array {
  const [, heads = 0, size = 0, cols = 0] = pattern.shape;
  const scores = new Float64Array(detections.length * heads);
  const counted = countedCells(options);
  const measures: Readonly<Record<ScoreMeasure, Measure>> = { rows: shareOfRows, mul: shareOfAll, abs: likeness };
  for (let head = 0; head < heads; head++) {
    const from = (row * heads + head) * size * cols;
    const attention = pattern.data.subarray(from, from + size * cols);
    const sums = rowSums(attention, size, cols, counted);
    detections.forEach((detection, index) => (scores[index * heads + head] = measures[options.measure](attention, detection, sums, counted)));
  }
  return scores;
}

/** Whether a cell counts. */
type Counted = (dest: number, src: number) => boolean;

const countedCells = ({ excludeBos, excludeCurrentToken }: ScoreOptions): Counted =>
  (dest, src) => !(excludeBos && src === 0) && !(excludeCurrentToken && src === dest);

/** What each position spends on cells that count. */
function rowSums(attention: Float32Array, size: number, cols: number, counts: Counted): Float64Array {
  const sums = new Float64Array(size);
  for (let dest = 0; dest < size; dest++) {
    let sum = 0;
    for (let at = dest * cols; at < (dest + 1) * cols; at++) sum += attention[at] ?? 0;
    if (!counts(dest, 0)) sum -= attention[dest * cols] ?? 0;
    if (dest > 0 && !counts(dest, dest)) sum -= attention[dest * cols + dest] ?? 0;
    sums[dest] = sum;
  }
  return sums;
}

type Measure = (attention: Float32Array, detection: Detection, sums: Float64Array, counts: Counted) => number;

const shareOfRows: Measure = (attention, { size, cols = size, cells, weights }, sums, counts) => {
  const found = new Map<number, number>();
  cells.forEach((cell, index) => {
    const [dest, src] = [Math.floor(cell / cols), cell % cols];
    if (counts(dest, src)) found.set(dest, (found.get(dest) ?? 0) + (attention[cell] ?? 0) * (weights[index] ?? 0));
  });
  let sum = 0;
  for (const [dest, one] of found) sum += one / (sums[dest] ?? NaN);
  return sum / found.size;
};

const shareOfAll: Measure = (attention, { size, cols = size, cells, weights }, sums, counts) => {
  let found = 0;
  cells.forEach((cell, index) => {
    if (counts(Math.floor(cell / cols), cell % cols)) found += (attention[cell] ?? 0) * (weights[index] ?? 0);
  });
  return found / sums.reduce((sum, one) => sum + one, 0);
};

/** Attention is never negative, so that away from the pattern's cells the difference is the attention itself. */
const likeness: Measure = (attention, { size, cols = size, cells, weights }, sums, counts) => {
  let difference = sums.reduce((sum, one) => sum + one, 0);
  cells.forEach((cell, index) => {
    const weight = attention[cell] ?? 0;
    if (counts(Math.floor(cell / cols), cell % cols)) difference += Math.abs(weight - (weights[index] ?? 0)) - weight;
  });
  return 1 - difference / size;
};
