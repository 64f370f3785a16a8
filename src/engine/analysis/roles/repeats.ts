/** Rows of random tokens: a stretch that comes again, and beside it the same row going on with another stretch. */
import { drawn } from '../scores/repeated.ts';

export interface RepeatedRow {
  /** The same stretch twice. */
  readonly ids: readonly number[];
  /** Its second stretch is another one. */
  readonly unrepeated: readonly number[];
  /** A token of the stretch that does not come next: neither the last one nor the one before it. */
  readonly distractor: number;
}

export interface RowsRequest {
  readonly start: readonly number[];
  /** Ids to draw from, without repetition within a row. */
  readonly pool: readonly number[];
  readonly rows: number;
  readonly period: number;
  readonly uniform: () => number;
}

/** Needs a pool of at least two stretches, of three tokens and more. */
export function repeatedRows({ start, pool, rows, period, uniform }: RowsRequest): readonly RepeatedRow[] {
  return Array.from({ length: rows }, () => {
    const both = drawn(pool, 2 * period, uniform);
    const [stretch, other] = [both.slice(0, period), both.slice(period)];
    return { ids: [...start, ...stretch, ...stretch], unrepeated: [...start, ...stretch, ...other], distractor: stretch[Math.floor(uniform() * (period - 2))] ?? 0 };
  });
}
