/** Which rows of a long list are seen. */

/** CSS pixels. */
export const ROW = 22;
/** A taller element than this is not laid out right by the browser. */
const TALLEST = 30_000_000;
export const MOST_ROWS = Math.floor(TALLEST / ROW);
/** Rows above and below what is seen that are drawn too. */
const SPARE = 4;

export function seenRows(count: number, top: number, height: number): { readonly from: number; readonly until: number } {
  const from = Math.max(Math.floor(top / ROW) - SPARE, 0);
  return { from: Math.min(from, count), until: Math.min(Math.ceil((top + height) / ROW) + SPARE, count) };
}

/** The scroll offset that brings a row into sight. */
export function scrollToRow(top: number, height: number, row: number): number {
  if (row * ROW < top) return row * ROW;
  return (row + 1) * ROW > top + height ? (row + 1) * ROW - height : top;
}
