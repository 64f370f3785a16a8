/** Which cells of a pattern the mask leaves open. */

export interface Visibility {
  readonly rows: number;
  readonly cols: number;
  /** A row sees no column later than itself. */
  readonly causal: boolean;
  /** Columns that the mask input closes; null: none. */
  readonly closed: ReadonlySet<number> | null;
}

/** The first columns may be a past that every row sees. */
const lastSeen = (view: Visibility, row: number): number => (view.causal ? row + view.cols - view.rows : view.cols - 1);

export function isVisible(view: Visibility, row: number, col: number): boolean {
  return col <= lastSeen(view, row) && !(view.closed?.has(col) ?? false);
}

export function hasMasked(view: Visibility): boolean {
  return (view.causal && view.cols > 1) || (view.closed?.size ?? 0) > 0;
}

/** Columns to which a mask input gives 0; null where it gives none. */
export function closedBy(mask: readonly number[] | undefined): ReadonlySet<number> | null {
  const closed = new Set((mask ?? []).flatMap((value, index) => (value === 0 ? [index] : [])));
  return closed.size > 0 ? closed : null;
}
