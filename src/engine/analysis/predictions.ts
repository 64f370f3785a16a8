/** From logits to the most probable tokens. */
import type { PositionPredictions, Prediction } from '../../shared/protocol/engineApi.ts';

/** The `top` most probable tokens of one row of logits. NaN anywhere in the row: no prediction is made. */
export function topPredictions(logits: Float32Array, position: number, top: number, decode: (id: number) => string): PositionPredictions {
  let max = -Infinity;
  for (const logit of logits) {
    if (Number.isNaN(logit)) return { position, top: [], nan: true };
    if (logit > max) max = logit;
  }
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - max);
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
  values.forEach((value, index) => {
    const last = best.at(-1);
    if (best.length === count && last !== undefined && value <= (values[last] ?? 0)) return;
    let slot = best.length;
    while (slot > 0 && (values[best[slot - 1] ?? 0] ?? 0) < value) slot--;
    best.splice(slot, 0, index);
    if (best.length > count) best.pop();
  });
  return best;
}
