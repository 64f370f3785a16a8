/** Random tokens that come twice: where only what was seen before can tell what comes next (Olsson et al. 2022, "In-context Learning and Induction Heads"). */

export interface RepeatedShape {
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** Tokens of the stretch. */
  readonly period: number;
  /** Tokens of the whole row; the second stretch is cut where the row is shorter than both. */
  readonly length: number;
}

/** One row. Its stretch has each token once: drawn from `pool` without replacement. */
export function repeatedRow(pool: readonly number[], { start, end, period, length }: RepeatedShape, uniform: () => number): readonly number[] {
  const stretch = drawn(pool, period, uniform);
  return [...start, ...[...stretch, ...stretch].slice(0, length - start.length - end.length), ...end];
}

/** `count` of a pool, none twice: a shuffle that stops early (Fisher and Yates). */
export function drawn(pool: readonly number[], count: number, uniform: () => number): readonly number[] {
  const left = [...pool];
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(uniform() * (left.length - at));
    [left[at], left[other]] = [left[other] ?? 0, left[at] ?? 0];
  }
  return left.slice(0, count);
}
