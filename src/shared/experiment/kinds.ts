/** The kinds of experiments: their names, the keys that a file of each may hold, and what is taken where a key is left out. */
import type { DifferenceOf, Direction, ExperimentKind, Metric } from './experiment.ts';

export interface KindRow {
  /** "activation patching", in a sentence. */
  readonly name: string;
  /** Behind the keys that every kind has. */
  readonly keys: readonly string[];
  readonly metric: Metric;
  /** Each pair needs a corrupted prompt: there are two runs to recover between. */
  readonly corrupted: boolean;
}

export const kinds: Readonly<Record<ExperimentKind, KindRow>> = {
  'activation-patching': { name: 'activation patching', keys: ['direction', 'sites', 'by', 'layers'], metric: 'logit-difference', corrupted: true },
  'causal-tracing': { name: 'causal tracing', keys: ['sites', 'noise', 'window'], metric: 'probability', corrupted: false },
  ablation: { name: 'an ablation', keys: ['ablate', 'sites', 'by', 'layers', 'together', 'seed'], metric: 'logit-difference', corrupted: false },
  'path-patching': { name: 'path patching', keys: ['direction', 'senders', 'receivers', 'mlps'], metric: 'logit-difference', corrupted: true },
  steering: { name: 'steering', keys: ['steer'], metric: 'logit-difference', corrupted: false },
};

export const kindNames = Object.keys(kinds) as readonly ExperimentKind[];
export const metricNames: readonly Metric[] = ['logit-difference', 'probability', 'kl', 'rank', 'loss'];
export const directionNames: readonly Direction[] = ['denoise', 'noise'];
export const differenceNames: readonly DifferenceOf[] = ['clean - corrupted', 'corrupted - clean'];
export const mlpNames = ['frozen', 'recomputed'] as const;
export const ablationNames = ['zero', 'mean', 'resample'] as const;

export const commonKeys: readonly string[] = ['$schema', 'cogscope', 'model', 'kind', 'pairs', 'metric', 'position', 'special', 'expect'];

/** The version of the format that is written and read. */
export const VERSION = 1;

export const defaults = {
  position: -1,
  special: true,
  direction: 'denoise',
  ablate: 'zero',
  seed: 0,
  sigma: 3,
  samples: 10,
  window: 10,
  scale: 1,
  readAt: -1,
  receivers: ['logits'],
  mlps: 'frozen',
} as const;

/** Each pair needs a corrupted prompt. */
export const needsCorrupted = (experiment: { readonly kind: ExperimentKind; readonly direction?: unknown }): boolean =>
  kinds[experiment.kind].corrupted || (experiment.kind === 'steering' && typeof experiment.direction === 'object');

/** There is a run to recover to: what a cell gives is `recovered`, else `effect`. */
export const recovers = (kind: ExperimentKind): boolean => kinds[kind].corrupted || kind === 'causal-tracing';
