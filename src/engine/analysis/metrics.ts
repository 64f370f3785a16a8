/** What a patched run is measured by: a number from one position's logits. */
import type { Metric } from '../../shared/experiment/experiment.ts';

/** What a metric measures against; ids are those of the vocabulary. */
export interface MetricContext {
  readonly target: number | null;
  readonly distractor: number | null;
  /** Logarithms of the clean run's probabilities. */
  readonly clean: Float64Array;
}

/** Logarithm of the softmax, in double precision: differences of it are what metrics are. */
export function logProbabilities(logits: Float32Array): Float64Array {
  let max = -Infinity;
  for (const logit of logits) if (logit > max) max = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - max);
  const log = max + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - log);
}

function logProbability(logits: Float32Array, id: number): number {
  let max = -Infinity;
  for (const logit of logits) if (logit > max) max = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - max);
  return at(logits, id) - max - Math.log(sum);
}

const at = (logits: Float32Array, id: number | null): number => (id === null ? NaN : logits[id] ?? NaN);

export interface MetricRow {
  readonly needs: 'target' | 'nothing';
  readonly of: (logits: Float32Array, context: MetricContext) => number;
}

export const metrics: Readonly<Record<Metric, MetricRow>> = {
  'logit-difference': { needs: 'target', of: (logits, { target, distractor }) => at(logits, target) - (distractor === null ? 0 : at(logits, distractor)) },
  probability: { needs: 'target', of: (logits, { target }) => Math.exp(logProbability(logits, target ?? -1)) },
  kl: { needs: 'nothing', of: (logits, { clean }) => divergence(clean, logProbabilities(logits)) },
  rank: { needs: 'target', of: (logits, { target }) => rank(logits, at(logits, target)) },
  loss: { needs: 'target', of: (logits, { target }) => -logProbability(logits, target ?? -1) },
};

/** Kullback-Leibler divergence of `q` from `p`, both as logarithms: sum p (log p − log q), in nats. Impossible words add nothing. */
function divergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let id = 0; id < p.length; id++) {
    const log = p[id] ?? -Infinity;
    if (log > -Infinity) sum += Math.exp(log) * (log - (q[id] ?? -Infinity));
  }
  return sum;
}

/** 1 for the largest; equal ones share the better place. */
export function rank(logits: Float32Array, own: number): number {
  if (Number.isNaN(own)) return NaN;
  let better = 0;
  for (const logit of logits) if (logit > own) better++;
  return better + 1;
}
