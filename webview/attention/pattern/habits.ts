/** What a head mostly does, in the measures by which heads are sorted in the literature. */
import type { LayerPatterns, TokenInfo } from '../../../src/shared/protocol/engineApi.ts';
import { weightAt } from './rows.ts';

export interface Habit {
  readonly name: string;
  /** Mean weight, 0..1, over the rows that have such a source. */
  readonly share: number;
}

/** Which source a row would attend to; undefined where it has none. */
type Target = (row: number, tokens: readonly TokenInfo[]) => number | undefined;

/** The position after the last earlier occurrence of the row's token. */
const afterSame: Target = (row, tokens) => {
  const id = tokens[row]?.id;
  for (let earlier = row - 1; earlier >= 0; earlier--) {
    if (tokens[earlier]?.id === id) return earlier + 1 < row ? earlier + 1 : undefined;
  }
  return undefined;
};

/** The last earlier occurrence of the row's token. */
const same: Target = (row, tokens) => {
  const id = tokens[row]?.id;
  for (let earlier = row - 1; earlier >= 0; earlier--) if (tokens[earlier]?.id === id) return earlier;
  return undefined;
};

/** Heads that have nothing to do rest on the first token; whatever else reaches this share says more about a head. */
const RESTING = 'first token';
const TELLING = 0.3;

const targets: readonly (readonly [name: string, target: Target])[] = [
  ['itself', (row) => (row > 0 ? row : undefined)],
  ['previous token', (row) => (row > 1 ? row - 1 : undefined)],
  [RESTING, (row) => (row > 1 ? 0 : undefined)],
  ['same token before', same],
  ['token after the same one (induction)', afterSame],
];

/**
 * Mean weights of a head on typical sources, the most telling first. Rows in which sources coincide (the second token's previous one is
 * the first) are left out. Weights that were not sent count as zero, so each is a lower bound within the cut-off.
 */
export function habitsOf(layer: LayerPatterns, head: number, tokens: readonly TokenInfo[]): readonly Habit[] {
  // They are about places in one stream, and say nothing of attention to another.
  if (layer.attention === 'cross') return [];
  return targets.flatMap(([name, target]): readonly Habit[] => {
    let [sum, count] = [0, 0];
    for (let row = 0; row < layer.rows; row++) {
      const source = target(row, tokens);
      if (source === undefined) continue;
      sum += weightAt(layer, head, row, source) ?? 0;
      count++;
    }
    return count === 0 || Number.isNaN(sum) ? [] : [{ name, share: sum / count }];
  }).sort((a, b) => rank(b) - rank(a));
}

const rank = ({ name, share }: Habit): number => (name === RESTING ? Math.min(share, TELLING) : share);
