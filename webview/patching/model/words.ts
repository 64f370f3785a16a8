/** Cells and sweeps in words, as the panel shows and speaks them. */
import { recovers } from '../../../src/shared/experiment/kinds.ts';
import type { ExperimentKind, Metric } from '../../../src/shared/experiment/experiment.ts';
import { baselineOf } from '../../../src/shared/experiment/result.ts';
import type { ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import { count, counted, duration, significant } from '../../../src/shared/format.ts';
import { tokenAt } from '../../lib/tokens/tokenWords.ts';
import { areEqual } from './measure.ts';
import { isMissing } from './read.ts';
import type { Measure, Run } from './state.ts';

export const kindWords: Readonly<Record<ExperimentKind, string>> = {
  'activation-patching': 'Activation patching', 'causal-tracing': 'Causal tracing', ablation: 'Ablation', 'path-patching': 'Path patching', steering: 'Steering',
};

export const metricWords: Readonly<Record<Metric, string>> = {
  'logit-difference': 'logit difference', probability: 'probability', kl: 'KL divergence', rank: 'rank', loss: 'loss',
};

/** In causal tracing an effect is what goes through the cell. */
export const measureName = (measure: Measure, kind: ExperimentKind): string => (measure === 'effect' && kind === 'causal-tracing' ? 'indirect effect' : measure);

/** "L3.resid_post@13" for "blocks.3.hook_resid_post@13"; what has no short form stays. */
export const shortAddress = (address: string): string => address.replace(/^((?:[a-z]+\.)?)blocks\.(\d+)\.hook_/, '$1L$2.');

/** "L1H3 · recovered 0.82 · logit difference 3.1 · mean of 3 pairs, spread 0.2" */
export function cellWords(run: Run, index: number): string {
  const { frame } = run;
  const cell = run.cells[index];
  if (!frame || !cell) return 'There is no such cell in this model';
  const at = Number(/@(\d+)$/.exec(cell.address)?.[1] ?? NaN);
  const tokens = frame.pairs[0]?.clean ?? [];
  const name = frame.pairs.length === 1 && tokens[at] ? `${cell.address} ${tokenAt(tokens, at).replace(/ @\d+$/, '')}` : cell.address;
  return [name, ...valueWords(run, index)].join(' · ');
}

/** "recovered 0.82", "effect 6.3" … of a cell, or why it has no value. */
export function valueWords(run: Run, index: number): readonly string[] {
  const { frame } = run;
  const cell = run.cells[index];
  if (!frame || !cell) return [];
  if (isMissing({ run }, index)) return ['not run'];
  if (Number.isNaN(cell.metric)) return ['NaN'];
  if (cell.unchanged) return ['the edit changed no element'];
  return [
    ...(cell.recovered === null ? [] : [`recovered ${significant(cell.recovered)}`]),
    `${measureName('effect', frame.kind)} ${significant(cell.effect)}`,
    ...(frame.kind === 'causal-tracing' ? [`direct effect ${significant(frame.clean - cell.metric)}`] : []),
    `${metricWords[frame.metric]} ${significant(cell.metric)}`,
    ...(frame.pairs.length > 1 ? [`mean of ${cell.ran === frame.pairs.length ? '' : `${cell.ran} of `}${counted(frame.pairs.length, 'pair')}${cell.spread === null ? '' : `, spread ${significant(cell.spread)}`}`] : []),
  ];
}

/** What every heat map says: metric, direction, baseline, pairs. */
export function frameWords(frame: ExperimentFrame): readonly string[] {
  const { kind, metric, direction, clean, corrupted, pairs } = frame;
  const baseline = recovers(kind) && direction !== 'noise' ? 'corrupted' : 'clean';
  return [
    metricWords[metric],
    ...(direction === null ? [] : [direction === 'denoise' ? 'denoise: clean into corrupted' : 'noise: corrupted into clean']),
    `clean ${significant(clean)}`,
    ...(corrupted === null ? [] : [`corrupted ${significant(corrupted)}`]),
    ...(kind === 'causal-tracing' && corrupted !== null ? [`total effect ${significant(clean - corrupted)}`] : []),
    `baseline ${baseline} ${significant(baselineOf(frame))}`,
    counted(pairs.length, 'pair'),
  ];
}

/** Where nothing can be recovered. */
export const equalWords = (frame: ExperimentFrame): string =>
  (areEqual(frame) ? `The clean and the corrupted run have the same metric, ${significant(frame.clean)}, so no share of their difference can be told. Raw values are shown.` : '');

/** "2026-11-29 14:05", by the machine's own clock. */
export function timeWords(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** From this many milliseconds on, it is worth saying how long it takes. */
const LONG = 1000;

/** "84 of 180 cells · 230 a second · about 2 s left" */
export function progressWords(run: Run | null): string {
  if (!run) return '';
  const cells = `${count(run.done)} of ${counted(run.of, 'cell')}`;
  switch (run.phase) {
    case 'starting':
      return run.step || 'starting';
    case 'running': {
      const { first, done, ms } = run;
      const rate = first && ms > first.ms ? ((done - first.done) / (ms - first.ms)) * 1000 : 0;
      const left = rate > 0 ? ((run.of - done) / rate) * 1000 : 0;
      return [run.step || cells, ...(rate > 0 ? [`${significant(rate, 2)} a second`] : []), ...(left >= LONG ? [`about ${duration(left)} left`] : [])].join(' · ');
    }
    case 'done':
      return [counted(run.of, 'cell'), ...(run.ms > 0 ? [duration(run.ms)] : [])].join(' · ');
    case 'cancelled':
      return `stopped at ${cells}`;
    case 'failed':
      return run.of > 0 ? `failed at ${cells}` : 'failed';
    default:
      return run.phase satisfies never;
  }
}
