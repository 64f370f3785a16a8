/** What a head mostly does, in the measures by which heads are sorted in the literature. */
import type { LayerPatterns, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { weightAt } from './rows.ts';

export interface Habit {
  readonly name: string;
  /** Mean weight, 0..1, over the rows that have such a source. */
  readonly share: number;
}

/** Which source a row would attend to; undefined where it has none. `before` is the last earlier occurrence of the row's token. */
type Target = (row: number, before: number | undefined) => number | undefined;

/** Heads that have nothing to do rest on the first token; whatever else reaches this share says more about a head. */
const RESTING = 'first token';
const TELLING = 0.3;

const targets: readonly (readonly [name: string, target: Target])[] = [
  ['itself', (row) => (row > 0 ? row : undefined)],
  ['previous token', (row) => (row > 1 ? row - 1 : undefined)],
  [RESTING, (row) => (row > 1 ? 0 : undefined)],
  ['same token before', (_, before) => before],
  ['token after the same one (induction)', (row, before) => (before !== undefined && before + 1 < row ? before + 1 : undefined)],
];

/** The sources of all rows, a list a target: the same for every head, and asked for by every one. */
function sourcesFor(tokens: readonly TokenInfo[]): readonly (readonly (number | undefined)[])[] {
  const known = found.get(tokens);
  if (known) return known;
  const last = new Map<number, number>();
  const before = tokens.map(({ id }, row) => {
    const earlier = last.get(id);
    last.set(id, row);
    return earlier;
  });
  const sources = targets.map(([, target]) => before.map((earlier, row) => target(row, earlier)));
  found.set(tokens, sources);
  return sources;
}

const found = new WeakMap<readonly TokenInfo[], ReturnType<typeof sourcesFor>>();

/**
 * Mean weights of a head on typical sources, the most telling first. Rows in which sources coincide (the second token's previous one is
 * the first) are left out. Weights that were not sent count as zero, so each is a lower bound within the cut-off.
 */
export function habitsOf(layer: LayerPatterns, head: number, tokens: readonly TokenInfo[]): readonly Habit[] {
  // They are about places in one stream, and say nothing of attention to another.
  if (layer.attention === 'cross') return [];
  const sources = sourcesFor(tokens);
  return targets.flatMap(([name], at): readonly Habit[] => {
    let [sum, count] = [0, 0];
    for (let row = 0; row < layer.rows; row++) {
      const source = sources[at]?.[row];
      if (source === undefined) continue;
      sum += weightAt(layer, head, row, source) ?? 0;
      count++;
    }
    return count === 0 || Number.isNaN(sum) ? [] : [{ name, share: sum / count }];
  }).sort((a, b) => rank(b) - rank(a));
}

const rank = ({ name, share }: Habit): number => (name === RESTING ? Math.min(share, TELLING) : share);
