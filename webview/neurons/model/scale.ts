/** The scale of the tints: symmetric about 0, so that an activation below it stands out as one as large above. */
import type { NeuronFigures } from '../../../src/shared/neurons/figures.ts';
import type { State } from './state.ts';

/** The largest activation of the index, either way. */
export const scaleOf = ({ max, histogram: { low } }: Pick<NeuronFigures, 'max' | 'histogram'>): number => Math.max(max, -low, 0);

/** What takes all the ink: from the index, or from the typed text where nothing is indexed. */
export function limitOf({ figures, live }: State): number {
  const indexed = figures.kind === 'there' ? scaleOf(figures.value) : 0;
  if (indexed > 0) return indexed;
  const typed = live.kind === 'there' ? live.value.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : 0;
  return typed || 1;
}

/** Share of ink, -1 to 1. */
export const shareOf = (value: number, limit: number): number => (limit > 0 ? Math.min(Math.max(value / limit, -1), 1) : 0);
