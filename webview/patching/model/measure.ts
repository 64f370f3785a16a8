/** What a cell's colour shows, and how far the scale reaches. */
import { recovers } from '../../../src/shared/experiment/kinds.ts';
import { EQUAL_METRICS } from '../../../src/shared/experiment/result.ts';
import type { Cell, ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import type { Metric } from '../../../src/shared/experiment/experiment.ts';
import type { Measure, State } from './state.ts';

/** The clean and the corrupted run have one metric, so that no share of their difference can be told. */
export const areEqual = ({ clean, corrupted }: Pick<ExperimentFrame, 'clean' | 'corrupted'>): boolean => corrupted !== null && Math.abs(clean - corrupted) <= EQUAL_METRICS;

/** Measures that a result has; the first one is what its experiment is about. */
export function measuresOf(frame: ExperimentFrame): readonly Measure[] {
  if (!recovers(frame.kind)) return ['effect', 'metric'];
  return areEqual(frame) ? ['metric', 'effect'] : ['recovered', 'effect', 'metric'];
}

export function measureOf({ measure, run }: Pick<State, 'measure' | 'run'>): Measure {
  const measures = run?.frame ? measuresOf(run.frame) : [];
  return measure && measures.includes(measure) ? measure : measures[0] ?? 'effect';
}

/** Null: the cell has no such value. NaN: it was run and gave none, or was not run. */
export const valueOf = (cell: Cell, measure: Measure): number | null => cell[measure];

const units: Readonly<Record<Metric, string>> = {
  'logit-difference': 'logits', probability: 'probability', kl: 'nats', rank: 'ranks', loss: 'nats',
};

/** "share of the difference between clean and corrupted", "logits". */
export const unitOf = (measure: Measure, metric: Metric): string => (measure === 'recovered' ? 'share of the difference' : units[metric]);

const nice = [1, 1.5, 2, 3, 5, 7, 10];
/** What goes beyond the end by no more than this has the colour of the end: patching all that matters recovers 1.01. */
const BEYOND = 0.04;
const SMALLEST = 1e-12;

/** The end of a symmetric scale that holds these values: a round number, so that it stays while cells come. */
export function limitOf(cells: readonly (Cell | null)[], measure: Measure): number {
  let most = 0;
  for (const cell of cells) {
    const value = cell && !cell.unchanged ? Math.abs(valueOf(cell, measure) ?? NaN) : NaN;
    if (Number.isFinite(value) && value > most) most = value;
  }
  if (most < SMALLEST) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = nice.find((one) => one * power >= most * (1 - BEYOND)) ?? 10;
  return Number((step * power).toPrecision(2));
}
