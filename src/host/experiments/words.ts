/** Experiments and their results in a line each. Pure. */
import type { Experiment, Expectation } from '../../shared/experiment/experiment.ts';
import type { ExperimentOutcome } from '../../shared/experiment/result.ts';
import { cellsOf, isKnown, strengthOf, strongest } from '../../shared/experiment/strongest.ts';
import { counted, fixed } from '../../shared/format.ts';

const kindWords: Readonly<Record<Experiment['kind'], string>> = {
  'activation-patching': 'Activation patching', 'causal-tracing': 'Causal tracing', ablation: 'Ablation', 'path-patching': 'Path patching', steering: 'Steering',
};

/** "Activation patching of z by head, denoise, 3 pairs". */
export function titleOf(experiment: Experiment): string {
  const pairs = experiment.pairs.length === 1 ? '' : `, ${counted(experiment.pairs.length, 'pair')}`;
  const kind = kindWords[experiment.kind];
  switch (experiment.kind) {
    case 'activation-patching':
      return `${kind} of ${experiment.sites.join(', ')} by ${experiment.by}, ${experiment.direction}${pairs}`;
    case 'ablation':
      return `${kind} (${experiment.ablate}) of ${experiment.sites.join(', ')} by ${experiment.by}${pairs}`;
    case 'causal-tracing':
      return `${kind} of ${experiment.sites.join(', ')}${pairs}`;
    case 'path-patching':
      return `${kind} to ${experiment.receivers.join(', ')}, ${experiment.direction}${pairs}`;
    case 'steering':
      return `${kind} at ${experiment.address}${pairs}`;
    default:
      return experiment satisfies never;
  }
}

/** "L4H4 0.82 first of 32"; says so where no cell changed anything. */
export function firstOf(outcome: ExperimentOutcome): string {
  const cells = cellsOf({ frame: outcome.frame, values: outcome }).filter(isKnown);
  const [first] = strongest(cells);
  if (cells.length === 0) return 'no cell was run';
  if (!first) return 'no edit changed anything';
  return `${first.address} ${fixed(strengthOf(first), 2)} first of ${cells.length}`;
}

/** "L1H3: recovered at least 0.5", "top 3: L1H3, L1H4". */
export function expectationLabel(expectation: Expectation): string {
  if (expectation.kind === 'top') return `top ${expectation.top}: ${expectation.includes.join(', ')}`;
  const { address, field, atLeast, atMost } = expectation;
  const limits = [...(atLeast === undefined ? [] : [`at least ${atLeast}`]), ...(atMost === undefined ? [] : [`at most ${atMost}`])];
  return `${address}: ${field} ${limits.join(', ')}`;
}

/** "3 of 3 expectations passed"; empty where nothing is expected. */
export const passedOf = (passed: number, expected: number): string => (expected === 0 ? '' : `${passed} of ${counted(expected, 'expectation')} passed`);

const steps: readonly (readonly [seconds: number, one: string])[] = [[86_400, 'day'], [3600, 'hour'], [60, 'min']];

/** "just now", "2 min ago", "3 days ago". */
export function ago(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  const step = steps.find(([length]) => seconds >= length);
  if (!step) return 'just now';
  return `${counted(Math.floor(seconds / step[0]), step[1], step[1] === 'min' ? 'min' : `${step[1]}s`)} ago`;
}

/** "L4H4 0.82 first of 32; 3 of 3 expectations passed". */
export const resultLine = ({ result, passed, expected }: { readonly result: string; readonly passed: number; readonly expected: number }): string =>
  [result, passedOf(passed, expected)].filter((part) => part !== '').join('; ');
