/** Where one line of an exporter's record stands now, or what stands in its place. Pure. */
import type { SourceLine } from '../../shared/summary.ts';
import { alignLines, spaceless } from './align.ts';

/** Where a recorded line stands now; lines count from 0. */
export type FoundLine =
  /** It reads as it did. */
  | { readonly kind: 'same'; readonly line: number }
  /** None reads as it did; this one is the most like it. */
  | { readonly kind: 'similar'; readonly line: number }
  /** None is like it; it stood about here. */
  | { readonly kind: 'gone'; readonly line: number };

/** Of what two lines consist of, how much must be common to call them alike (Dice's coefficient of pairs of letters). */
const ALIKE = 0.6;

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
