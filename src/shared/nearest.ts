/** Finds the name that a mistyped one was meant to be. */

/** Single letters to insert, delete, replace or swap with their neighbour to make one word the other. */
function distance(a: string, b: string): number {
  let [before, previous]: [readonly number[], readonly number[]] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let col = 1; col <= b.length; col++) {
      const isSame = a[row - 1] === b[col - 1];
      const replaced = (previous[col - 1] ?? 0) + (isSame ? 0 : 1);
      const isSwap = row > 1 && col > 1 && a[row - 1] === b[col - 2] && a[row - 2] === b[col - 1];
      const swapped = isSwap ? (before[col - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min(replaced, swapped, (previous[col] ?? 0) + 1, (current[col - 1] ?? 0) + 1));
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}

/** The name closest to `text`, where it is close enough to be meant: a third of its letters may differ. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, away: distance(text.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.away - b.away);
  const [best] = ranked;
  return best && best.away <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}
