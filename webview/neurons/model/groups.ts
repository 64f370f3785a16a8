/** Examples by how strong they are among all tokens: not the strongest alone. */
import type { NeuronExample } from '../../../src/shared/neurons/figures.ts';

export interface Group {
  readonly id: string;
  readonly title: string;
  /** The strongest first. */
  readonly examples: readonly NeuronExample[];
}

/** From which share of the tokens up. Half of all, and then a tenth of what is left at each step. */
const bands: readonly (readonly [from: number, id: string, title: string])[] = [
  [0.999, 'top', 'Strongest 0.1% of tokens'], [0.99, 'p99', '99% to 99.9%'], [0.9, 'p90', '90% to 99%'], [0.5, 'p50', '50% to 90%'], [0, 'rest', 'Weaker half'],
];

/** Of one reading, or of all where it is null. */
export const groupsOf = (all: readonly NeuronExample[], reading: number | null = null): readonly Group[] => bands.flatMap(([from, id, title], at) => {
  const to = bands[at - 1]?.[0] ?? Infinity;
  const found = all.filter((example) => example.quantile >= from && example.quantile < to && (reading === null || example.reading === reading));
  return found.length > 0 ? [{ id, title, examples: found }] : [];
});

/** Examples of a group that are shown until it is unfolded. */
export const SHOWN = 4;

export const shownOf = ({ id, examples }: Group, unfolded: readonly string[]): readonly NeuronExample[] => (unfolded.includes(id) ? examples : examples.slice(0, SHOWN));
