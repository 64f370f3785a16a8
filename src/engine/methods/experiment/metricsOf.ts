/** Metrics of runs that nothing was changed in. */
import type { Context } from './context.ts';

/** By pair. */
export async function corruptedMetrics(context: Context): Promise<readonly number[]> {
  const found: number[] = [];
  for (const [pair, { corrupted, position }] of context.pairs.entries()) {
    if (!corrupted) continue;
    const { logits } = await context.runs.of(corrupted, position);
    found.push(context.measure(pair, logits));
  }
  return found;
}
