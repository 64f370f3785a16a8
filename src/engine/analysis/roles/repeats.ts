/** Rows of random tokens, and what is looked at in them: a start, a stretch of distinct tokens, and a second stretch (TransformerLens's and Olsson et al.'s protocol). */
import type { Glance } from './attention.ts';

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
    const drawn = draw(pool, 2 * period, uniform);
    const [stretch, other] = [drawn.slice(0, period), drawn.slice(period)];
    return { ids: [...start, ...stretch, ...stretch], unrepeated: [...start, ...stretch, ...other], distractor: stretch[Math.floor(uniform() * (period - 2))] ?? 0 };
  });
}

/** The first steps of Fisher and Yates's shuffle. */
function draw(pool: readonly number[], count: number, uniform: () => number): readonly number[] {
  const left = [...pool];
  for (let index = 0; index < count; index++) {
    const other = index + Math.floor(uniform() * (left.length - index));
    [left[index], left[other]] = [left[other] ?? 0, left[index] ?? 0];
  }
  return left.slice(0, count);
}

const from = (first: number, length: number, back: number): readonly Glance[] => Array.from({ length: length - first }, (_, index) => ({ dest: first + index, src: first + index - back }));

/** Where the heads of each role look, in rows of `start` tokens and two stretches. */
export function glancesOf(start: number, period: number): Readonly<Record<'previous-token' | 'duplicate-token' | 'induction', readonly Glance[]>> {
  const [second, length] = [start + period, start + 2 * period];
  return { 'previous-token': from(1, length, 1), 'duplicate-token': from(second, length, period), induction: from(second, length, period - 1) };
}

/** To another earlier position, or the own one, drawn anew for each; those that have no other are left out. */
export function elsewhere(glances: readonly Glance[], uniform: () => number): readonly Glance[] {
  return glances.flatMap(({ dest, src }) => {
    const drawn = Math.floor(uniform() * dest);
    return dest === 0 ? [] : [{ dest, src: drawn < src ? drawn : drawn + 1 }];
  });
}
