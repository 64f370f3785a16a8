/** Which heads have a role, by their numbers. */
import { LEAST_ATTENTION, LEAST_EFFECT } from '../../../shared/roles/roles.ts';
import type { HeadNumbers, Role, RoleFinding } from '../../../shared/roles/roles.ts';

/** Both numbers must reach their thresholds and exceed their controls; NaN reaches nothing. */
export function holds({ attention, attentionControl, effect, effectControl }: HeadNumbers): boolean {
  return attention >= LEAST_ATTENTION && attention > attentionControl && effect >= LEAST_EFFECT && effect > Math.abs(effectControl);
}

/** `untested`: why the numbers say nothing; they are left out then. */
export function findingOf(role: Role, untested: string | null, heads: readonly HeadNumbers[]): RoleFinding {
  return { role, untested, heads: untested === null ? heads.map((numbers) => ({ ...numbers, holds: holds(numbers) })) : [] };
}

export interface Scale {
  readonly mean: number;
  /** Standard error of the mean; unknown for a single value. */
  readonly error: number;
}

export function scaleOf(values: readonly number[]): Scale {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** Standard errors that a mean must be above nothing for shares of it to say anything. */
const CERTAIN = 3;
export const isScale = ({ mean, error }: Scale): boolean => mean > CERTAIN * error;

/**
 * A head's attention and effect as a negative name mover's: of the two names the one counts that it lowers. `preference` is its attention to the answer less that
 * to the other name; `effect` above 0 raises the answer against the other.
 */
export function lowering({ preference, effect }: { readonly preference: number; readonly effect: number }): { readonly attention: number; readonly effect: number } {
  return { attention: effect < 0 ? preference : -preference, effect: Math.abs(effect) };
}

/** How much a head matters more once others are silent, as far as it then matters at all. */
export const takenOver = (silenced: number, otherwise: number): number => Math.min(silenced, silenced - otherwise);
