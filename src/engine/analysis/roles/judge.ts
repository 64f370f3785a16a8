/** Which heads have a role, by their numbers. */
import { LEAST_ATTENTION, LEAST_EFFECT } from '../../../shared/roles/roles.ts';
import type { HeadNumbers } from '../../../shared/roles/roles.ts';

/** Both numbers must reach their thresholds and exceed their controls; NaN reaches nothing. */
export function holds({ attention, attentionControl, effect, effectControl }: HeadNumbers): boolean {
  return attention >= LEAST_ATTENTION && attention > attentionControl && effect >= LEAST_EFFECT && effect > Math.abs(effectControl);
}

/** Mean and its standard error; the error of a single value is unknown. */
export function meanAndError(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}
