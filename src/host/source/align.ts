/** Finds the lines that an exporter recorded in the text of a file that may have changed since. Pure. */
import type { SourceLine } from '../../shared/summary.ts';

/**
 * A common text stands in a file many times: only so many places nearest to the recorded one are looked at, and fewer where many lines are recorded, since
 * each pair is held against each, and the extension host waits.
 */
const MOST_PLACES = 40;
const MOST_PAIRS = 3000;

export const textLines = (text: string): readonly string[] => text.split(/\r?\n/);

export const spaceless = (code: string): string => code.replace(/\s+/g, ' ').trim();

interface Pair {
  readonly source: SourceLine;
  /** Among the recorded lines, ascending. */
  readonly rank: number;
  readonly line: number;
  /** How far the line has moved. */
  readonly shift: number;
}

/**
 * Lines that read as recorded, whatever their indentation: in the recorded order as many as can be, with as little change of shift as can
 * be, so that of two lines with the same text each finds its own; then those whose code was moved elsewhere, where their text stands only there.
 * A record without a text is its number.
 */
export function alignLines(recorded: readonly SourceLine[], lines: readonly string[]): ReadonlyMap<SourceLine, number> {
  const places = new Map<string, number[]>();
  lines.forEach((text, index) => {
    const key = spaceless(text);
    const known = places.get(key);
    if (known) known.push(index);
    else places.set(key, [index]);
  });
  const most = Math.max(2, Math.min(MOST_PLACES, Math.floor(MOST_PAIRS / Math.max(1, recorded.length))));
  const ordered = [...recorded].sort((a, b) => a.line - b.line);
  const aligned = new Map<SourceLine, number>();
  for (const { source, line } of bestChain(ordered.flatMap((source, rank) => pairsOf({ source, rank, places, count: lines.length, most })))) aligned.set(source, line);
  const taken = new Set(aligned.values());
  for (const source of ordered) {
    if (aligned.has(source)) continue;
    const free = (places.get(spaceless(source.code)) ?? []).filter((line) => !taken.has(line));
    const [only] = free;
    if (only === undefined || free.length > 1 || source.code === '') continue;
    aligned.set(source, only);
    taken.add(only);
  }
  return aligned;
}

interface Candidates {
  readonly source: SourceLine;
  readonly rank: number;
  readonly places: ReadonlyMap<string, readonly number[]>;
  /** Lines of the text. */
  readonly count: number;
  readonly most: number;
}

function pairsOf({ source, rank, places, count, most }: Candidates): readonly Pair[] {
  const own = source.line - 1;
  const code = spaceless(source.code);
  const candidates = code === '' ? (own >= 0 && own < count ? [own] : []) : (places.get(code) ?? []);
  // They ascend: those around the recorded place.
  const after = candidates.findIndex((line) => line >= own);
  const from = Math.max(0, Math.min((after < 0 ? candidates.length : after) - Math.ceil(most / 2), candidates.length - most));
  const nearest = candidates.slice(from, from + most);
  return nearest.map((line) => ({ source, rank, line, shift: line - own }));
}

/** The longest chain of pairs that goes down in both orders; of equally long ones the least strained: the sum of how much the shift changes from pair to pair. */
function bestChain(pairs: readonly Pair[]): readonly Pair[] {
  const lengths = new Int32Array(pairs.length);
  const strains = new Float64Array(pairs.length);
  const befores = new Int32Array(pairs.length);
  let best = -1;
  const isBest = (at: number): boolean => best < 0 || (lengths[at] ?? 0) > (lengths[best] ?? 0) || (lengths[at] === lengths[best] && (strains[at] ?? 0) < (strains[best] ?? 0));
  pairs.forEach((pair, at) => {
    let [length, strain, before] = [1, Math.abs(pair.shift), -1];
    for (let other = 0; other < at; other++) {
      const above = pairs[other];
      if (!above || above.rank >= pair.rank || above.line >= pair.line) continue;
      const longer = (lengths[other] ?? 0) + 1;
      if (longer < length) continue;
      const strained = (strains[other] ?? 0) + Math.abs(pair.shift - above.shift);
      if (longer > length || strained < strain) [length, strain, before] = [longer, strained, other];
    }
    lengths[at] = length;
    strains[at] = strain;
    befores[at] = before;
    if (isBest(at)) best = at;
  });
  const found: Pair[] = [];
  for (let at = best; at >= 0; at = befores[at] ?? -1) {
    const pair = pairs[at];
    if (pair) found.push(pair);
  }
  return found;
}
