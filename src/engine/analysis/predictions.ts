/** From logits to the most probable tokens. */
import type { PositionPredictions, Prediction } from '../../shared/protocol/engineApi.ts';

/**
 * The `top` most probable tokens of one row of logits. NaN anywhere in the row: no prediction is made.
 * Counting loops, since a vocabulary has fifty thousand words and a run of a short prompt takes 30 ms.
 */
export function topPredictions(logits: Float32Array, position: number, top: number, decode: (id: number) => string): PositionPredictions {
  let max = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (Number.isNaN(logit)) return { position, top: [], nan: true };
    if (logit > max) max = logit;
  }
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += Math.exp((logits[id] as number) - max);
  const best = topIndices(logits, Math.min(top, logits.length));
  const predictions = best.map((id): Prediction => {
    const logit = logits[id] ?? 0;
    return { id, text: decode(id), logit, probability: Math.exp(logit - max) / sum };
  });
  return { position, top: predictions, nan: false };
}

/** Indices of the largest values, largest first; ties go to the lower index. */
export function topIndices(values: Float32Array, count: number): readonly number[] {
  const best: number[] = [];
  let least = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (best.length === count && !(value > least)) continue;
    let slot = best.length;
    while (slot > 0 && (values[best[slot - 1] ?? 0] ?? 0) < value) slot--;
    best.splice(slot, 0, index);
    if (best.length > count) best.pop();
    if (best.length === count) least = values[best[count - 1] ?? 0] ?? -Infinity;
  }
  return best;
}
