/** Finds the lines that an exporter recorded in the text of a file that may have changed since. Pure. */
import type { SourceLine } from '../../shared/summary.ts';

/** Where a recorded line stands now; lines count from 0. */
export type FoundLine =
  /** It reads as it did. */
  | { readonly kind: 'same'; readonly line: number }
  /** None reads as it did; this one is the most like it. */
  | { readonly kind: 'similar'; readonly line: number }
  /** None is like it; it stood about here. */
  | { readonly kind: 'gone'; readonly line: number };

/** A common text stands in a file many times: only so many places nearest to the recorded one are looked at. */
const MOST_PLACES = 40;
/** Of what two lines consist of, how much must be common to call them alike (Dice's coefficient of pairs of letters). */
const ALIKE = 0.6;

export const textLines = (text: string): readonly string[] => text.split(/\r?\n/);

const spaceless = (code: string): string => code.replace(/\s+/g, ' ').trim();

interface Pair {
  readonly source: SourceLine;
  /** Among the recorded lines, ascending. */
  readonly rank: number;
  readonly line: number;
  /** How far the line has moved. */
  readonly shift: number;
}

interface Chain {
  readonly pair: Pair;
  readonly before: Chain | undefined;
  readonly length: number;
  /** Sum of how much the shift changes from pair to pair. */
  readonly strain: number;
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
  const ordered = [...recorded].sort((a, b) => a.line - b.line);
  const aligned = new Map<SourceLine, number>();
  for (const { source, line } of bestChain(ordered.flatMap((source, rank) => pairsOf(source, rank, places, lines.length)))) aligned.set(source, line);
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

function pairsOf(source: SourceLine, rank: number, places: ReadonlyMap<string, readonly number[]>, count: number): readonly Pair[] {
  const own = source.line - 1;
  const code = spaceless(source.code);
  const candidates = code === '' ? (own >= 0 && own < count ? [own] : []) : (places.get(code) ?? []);
  const nearest = candidates.length <= MOST_PLACES ? candidates : [...candidates].sort((a, b) => Math.abs(a - own) - Math.abs(b - own)).slice(0, MOST_PLACES);
  return nearest.map((line) => ({ source, rank, line, shift: line - own }));
}

/** The longest chain of pairs that goes down in both orders; of equally long ones the least strained. */
function bestChain(pairs: readonly Pair[]): readonly Pair[] {
  const chains: Chain[] = [];
  for (const pair of pairs) {
    let best: Chain = { pair, before: undefined, length: 1, strain: Math.abs(pair.shift) };
    for (const before of chains) {
      if (before.pair.rank >= pair.rank || before.pair.line >= pair.line) continue;
      const next = { pair, before, length: before.length + 1, strain: before.strain + Math.abs(pair.shift - before.pair.shift) };
      if (isBetter(next, best)) best = next;
    }
    chains.push(best);
  }
  let best: Chain | undefined;
  for (const chain of chains) if (!best || isBetter(chain, best)) best = chain;
  const found: Pair[] = [];
  for (let chain = best; chain; chain = chain.before) found.push(chain.pair);
  return found;
}

const isBetter = (a: Chain, b: Chain): boolean => a.length > b.length || (a.length === b.length && a.strain < b.strain);

/** Where one recorded line stands now; `recorded` are all of its file, whose own places tell how far the text around it has moved. */
export function findLine(source: SourceLine, recorded: readonly SourceLine[], lines: readonly string[]): FoundLine {
  const aligned = alignLines(recorded.some((other) => isSame(other, source)) ? recorded : [...recorded, source], lines);
  const same = [...aligned].find(([other]) => isSame(other, source));
  if (same) return { kind: 'same', line: same[1] };
  const neighbour = [...aligned.keys()].sort((a, b) => Math.abs(a.line - source.line) - Math.abs(b.line - source.line))[0];
  const shift = neighbour ? (aligned.get(neighbour) ?? 0) - (neighbour.line - 1) : 0;
  const about = Math.max(0, Math.min(source.line - 1 + shift, lines.length - 1));
  const similar = mostAlike(source.code, lines, about);
  return similar === undefined ? { kind: 'gone', line: about } : { kind: 'similar', line: similar };
}

const isSame = (a: SourceLine, b: SourceLine): boolean => a.line === b.line && a.code === b.code;

function mostAlike(code: string, lines: readonly string[], about: number): number | undefined {
  const wanted = letterPairs(code);
  if (wanted.size === 0) return undefined;
  let best: { readonly line: number; readonly share: number } | undefined;
  lines.forEach((text, line) => {
    const share = commonShare(wanted, letterPairs(text));
    const isNearer = best !== undefined && share === best.share && Math.abs(line - about) < Math.abs(best.line - about);
    if (share >= ALIKE && (!best || share > best.share || isNearer)) best = { line, share };
  });
  return best?.line;
}

/** How often each pair of neighbouring letters stands in a text. */
function letterPairs(code: string): ReadonlyMap<string, number> {
  const text = spaceless(code);
  const pairs = new Map<string, number>();
  for (let at = 0; at + 1 < text.length; at++) {
    const pair = text.slice(at, at + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

function commonShare(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const size = (pairs: ReadonlyMap<string, number>): number => [...pairs.values()].reduce((sum, count) => sum + count, 0);
  let common = 0;
  for (const [pair, count] of a) common += Math.min(count, b.get(pair) ?? 0);
  return (2 * common) / Math.max(1, size(a) + size(b));
}
