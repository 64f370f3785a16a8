/** Runs and results as text, a fact a line, so that two of them can be laid side by side in the editor's own diff. Pure. */
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { ExperimentFrame, ExperimentOutcome } from '../../shared/experiment/result.ts';
import { baselineOf } from '../../shared/experiment/result.ts';
import { cellsOf } from '../../shared/experiment/strongest.ts';
import { fixed, percent, significant } from '../../shared/format.ts';
import type { PositionPredictions } from '../../shared/protocol/engineApi.ts';
import type { PatchedRun } from '../../shared/protocol/experimentApi.ts';
import { titleOf } from './words.ts';

const DECIMALS = 4;

/** A token as it stands in a line: with its spaces, and on one line. */
const tokenText = (text: string): string => JSON.stringify(text);

const predictionLines = ({ top }: PositionPredictions): readonly string[] =>
  top.map(({ text, logit, probability }, rank) => `${String(rank + 1).padStart(3)}  ${tokenText(text).padEnd(18)} logit ${fixed(logit, 3).padStart(9)}  ${percent(probability).padStart(6)}`);

/** The name of the run that an edit was made in, of two. */
export const editedName = ({ direction, kind, corrupted }: Pick<ExperimentFrame, 'direction' | 'kind' | 'corrupted'>): 'clean' | 'corrupted' =>
  (kind === 'causal-tracing' || direction === 'denoise') && corrupted !== null ? 'corrupted' : 'clean';

export interface RunPair {
  readonly title: string;
  /** The run that was edited, and the run with the edit. */
  readonly before: string;
  readonly after: string;
}

export interface PatchedTexts {
  readonly experiment: Experiment;
  /** Of the whole experiment; null where none of it was run yet. */
  readonly frame: ExperimentFrame | null;
  readonly pair: number;
  readonly run: PatchedRun;
}

/** A patched run beside the run that was edited. */
export function patchedTexts({ experiment, frame, pair, run }: PatchedTexts): RunPair {
  const noises = 'direction' in experiment && experiment.direction === 'noise';
  const edited = run.corrupted !== null && !noises && experiment.kind !== 'ablation' && experiment.kind !== 'steering' ? 'corrupted' : 'clean';
  const base = edited === 'corrupted' && run.corrupted ? run.corrupted : run.clean;
  const of = frame?.pairs[pair];
  const baseMetric = of ? (edited === 'corrupted' ? of.corruptedMetric : of.cleanMetric) : null;
  const { layers, positions, norms } = run.change;
  const tokens = (edited === 'corrupted' ? of?.corrupted : of?.clean) ?? [];
  const heads = Array.from({ length: positions }, (_, position) => tokens[position]?.text ?? '');
  const change = (value: (index: number) => number): readonly string[] => Array.from({ length: layers }, (_, layer) => [
    `layer ${layer}`,
    ...heads.map((text, position) => `  ${`${position} ${tokenText(text)}`.padEnd(22)} ${significant(value(layer * positions + position))}`),
  ]).flat();
  const text = (what: string, metric: number | null, predictions: PositionPredictions, value: (index: number) => number): string => [
    titleOf(experiment),
    `Pair ${pair + 1} of ${experiment.pairs.length}, cell ${run.address}`,
    what,
    `${experiment.metric}: ${metric === null ? 'not known' : significant(metric, DECIMALS)}`,
    '',
    `Predictions at position ${predictions.position}`,
    ...predictionLines(predictions),
    '',
    `Change of hook_resid_post from the ${edited} run (Euclidean norm)`,
    ...change(value),
    '',
  ].join('\n');
  const patched = run.unchanged ? 'Patched run: the edit changed no element' : 'Patched run';
  return {
    title: `${run.address}: ${edited} run ↔ patched run`,
    before: text(`${edited === 'clean' ? 'Clean' : 'Corrupted'} run`, baseMetric, base, () => 0),
    after: text(patched, run.metric, run.patched, (index) => norms[index] ?? NaN),
  };
}

/** A whole result: what it was measured against, then a line a cell. */
export function resultText(experiment: Experiment, outcome: ExperimentOutcome): string {
  const { frame } = outcome;
  const number = (value: number | null): string => (value === null ? '' : fixed(value, DECIMALS));
  const edited = editedName(frame);
  const cells = cellsOf({ frame, values: outcome });
  const width = Math.max(10, ...cells.map(({ address }) => address.length));
  return [
    titleOf(experiment),
    `metric ${frame.metric}`,
    ...(frame.direction ? [`direction ${frame.direction}`] : []),
    `pairs ${frame.pairs.length}`,
    `clean ${number(frame.clean)}`,
    ...(frame.corrupted === null ? [] : [`corrupted ${number(frame.corrupted)}`]),
    `baseline ${number(baselineOf(frame))} (the ${edited} run)`,
    ...frame.notes.map((note) => `note: ${note}`),
    '',
    `${'cell'.padEnd(width)}  ${'metric'.padStart(10)}  ${'effect'.padStart(10)}  ${'recovered'.padStart(10)}`,
    ...cells.map(({ address, metric, effect, recovered, unchanged }) =>
      `${address.padEnd(width)}  ${number(metric).padStart(10)}  ${number(effect).padStart(10)}  ${(unchanged ? 'unchanged' : number(recovered)).padStart(10)}`),
    '',
  ].join('\n');
}
