/** One row of logits read: the most probable tokens and the entropy. */
import { topIndices } from '../predictions.ts';

export interface Readout {
  /** Most probable first; none where the logits hold NaN. */
  readonly best: readonly number[];
  /** Logarithm of the sum of exponentials: a token's probability is exp(logit - logSum). */
  readonly logSum: number;
  /** In nats. */
  readonly entropy: number;
}

export function readLogits(logits: Float32Array, top: number): Readout {
  let max = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (Number.isNaN(logit)) return { best: [], logSum: NaN, entropy: NaN };
    if (logit > max) max = logit;
  }
  let [sum, weighted] = [0, 0];
  for (let id = 0; id < logits.length; id++) {
    const below = (logits[id] as number) - max;
    const weight = Math.exp(below);
    sum += weight;
    // A token that is ruled out (−∞) adds nothing.
    if (weight > 0) weighted += weight * below;
  }
  return { best: topIndices(logits, Math.min(top, logits.length)), logSum: max + Math.log(sum), entropy: Math.log(sum) - weighted / sum };
}
