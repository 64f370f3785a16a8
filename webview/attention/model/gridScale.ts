/** How the grid's numbers become ink and text: scores from 0 to 1, what heads write up to the largest. Pure. */
import { fixed } from '../../../src/shared/format.ts';
import type { State } from './state.ts';
import { targetWords, writtenChoice, writtenLimit } from './written.ts';

export interface GridScale {
  /** What the numbers are, in the legend. */
  readonly name: string;
  readonly limit: number;
  /** From −limit on. */
  readonly diverges: boolean;
  /** Heads below stay empty. */
  readonly atLeast: number;
  /** Of the scale's ink, −1 to 1; 0 of NaN. */
  readonly share: (value: number) => number;
  readonly text: (value: number) => string;
}

const MOST_DECIMALS = 6;

export function gridScale(state: State): GridScale {
  const written = writtenChoice(state);
  const limit = written === null ? 1 : writtenLimit(state);
  const diverges = written === 'effect';
  // As many for all heads as show three digits of the largest, so that numbers can be compared at a glance.
  const decimals = written === null ? 2 : Math.min(Math.max(2 - Math.floor(Math.log10(limit)), 0), MOST_DECIMALS);
  return {
    limit, diverges,
    name: written === 'effect' ? `adds to the logit of ${targetWords(state)}` : written === 'norm' ? 'norm of what is written' : 'score',
    atLeast: written === null ? state.choice.atLeast : -Infinity,
    share: (value) => (Number.isNaN(value) ? 0 : Math.min(Math.max(value / limit, diverges ? -1 : 0), 1)),
    text: (value) => (Number.isNaN(value) ? '–' : fixed(value, decimals)),
  };
}
