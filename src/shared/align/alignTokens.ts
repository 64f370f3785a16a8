/** Two token sequences beside each other, with what was put in, left out or changed. Pure. */

/** A place in the one sequence, in the other, or in both. */
export interface AlignedColumn {
  readonly kind: 'same' | 'changed' | 'only-a' | 'only-b';
  /** Position in the first sequence; null where it has none. */
  readonly a: number | null;
  readonly b: number | null;
}

/** Cells of the table beyond which what lies between the common ends is paired in order: 8,192 tokens by as many. */
const MOST_CELLS = 2 ** 26;

/**
 * The alignment with the fewest changes (Wagner and Fischer 1974, "The String-to-String Correction Problem"): a token that was changed costs as much as one
 * that was put in or left out. Common ends are never changed.
 */
export function alignTokens(a: readonly number[], b: readonly number[]): readonly AlignedColumn[] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [inner, other] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const same = (from: number, behind: number, count: number): readonly AlignedColumn[] => Array.from({ length: count }, (_, at) => ({ kind: 'same', a: from + at, b: behind + at }));
  const middle = inner.length * other.length > MOST_CELLS ? inOrder(inner, other) : fewest(inner, other);
  return [
    ...same(0, 0, start),
    ...middle.map(({ kind, a: inA, b: inB }) => ({ kind, a: inA === null ? null : inA + start, b: inB === null ? null : inB + start })),
    ...same(a.length - end, b.length - end, end),
  ];
}

function fewest(a: readonly number[], b: readonly number[]): readonly AlignedColumn[] {
  const width = b.length + 1;
  // Changes needed from each pair of places on to the end.
  const costs = new Uint32Array((a.length + 1) * width);
  for (let i = a.length; i >= 0; i--) {
    for (let j = b.length; j >= 0; j--) {
      if (i === a.length || j === b.length) costs[i * width + j] = a.length - i + b.length - j;
      else {
        const both = (costs[(i + 1) * width + j + 1] ?? 0) + (a[i] === b[j] ? 0 : 1);
        costs[i * width + j] = Math.min(both, (costs[(i + 1) * width + j] ?? 0) + 1, (costs[i * width + j + 1] ?? 0) + 1);
      }
    }
  }
  const columns: AlignedColumn[] = [];
  for (let [i, j] = [0, 0]; i < a.length || j < b.length;) {
    const cost = costs[i * width + j] ?? 0;
    const isSame = a[i] === b[j];
    if (i < a.length && j < b.length && cost === (costs[(i + 1) * width + j + 1] ?? 0) + (isSame ? 0 : 1)) columns.push({ kind: isSame ? 'same' : 'changed', a: i++, b: j++ });
    else if (i < a.length && cost === (costs[(i + 1) * width + j] ?? 0) + 1) columns.push({ kind: 'only-a', a: i++, b: null });
    else columns.push({ kind: 'only-b', a: null, b: j++ });
  }
  return columns;
}

function inOrder(a: readonly number[], b: readonly number[]): readonly AlignedColumn[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at): AlignedColumn => {
    if (at >= a.length) return { kind: 'only-b', a: null, b: at };
    if (at >= b.length) return { kind: 'only-a', a: at, b: null };
    return { kind: a[at] === b[at] ? 'same' : 'changed', a: at, b: at };
  });
}
