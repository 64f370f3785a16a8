/** Rows of random tokens of a model's own vocabulary. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { RolesParams } from '../../../shared/protocol/rolesApi.ts';
import { repeatedRows } from '../../analysis/roles/repeats.ts';
import type { RepeatedRow } from '../../analysis/roles/repeats.ts';
import type { ModelSession } from '../../session.ts';
import { mulberry32 } from '../../../shared/experiment/random.ts';
import { frozenShape, idsInputs } from '../prompt.ts';
import { framing, poolOf } from '../scoredTexts.ts';

export interface Rows {
  readonly rows: readonly RepeatedRow[];
  readonly start: readonly number[];
  readonly period: number;
}

/** Below this a stretch has no token that neither comes next nor stands there now. */
const SHORTEST = 4;

/** Throws 'refused' where context or vocabulary are too small, or the file takes one length only. */
export function rowsFor(session: ModelSession, params: Pick<RolesParams, 'rows' | 'period' | 'seed'>): Rows {
  const [input] = idsInputs(session);
  if (!input) throw new CogscopeError('refused', 'The model reads no tokens, so its heads have none of these roles', 'Use a causal language model');
  const { before } = framing(session, input);
  const pool = poolOf(session, input);
  const fixed = frozenShape(session, input).length;
  const room = fixed ?? input.tower?.context ?? Infinity;
  const period = Math.min(params.period, Math.floor((room - before.length) / 2), Math.floor(pool.length / 2));
  if (period < SHORTEST) {
    throw new CogscopeError('refused', `A context of ${room} tokens and a vocabulary of ${pool.length} hold no stretch of ${SHORTEST} tokens twice`, 'Use a model with a larger context');
  }
  if (fixed !== null && before.length + 2 * period !== fixed) throw new CogscopeError('refused', `The file takes ${fixed} tokens, no more and no less, and two stretches do not fill them`, 'Export it with a dynamic length');
  return { rows: repeatedRows({ start: before, pool, rows: params.rows, period, uniform: mulberry32(params.seed) }), start: before, period };
}
