/** Rows of random tokens of a model's own vocabulary. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { TokenInfo } from '../../../shared/protocol/engineApi.ts';
import type { RolesParams } from '../../../shared/protocol/rolesApi.ts';
import { repeatedRows } from '../../analysis/roles/repeats.ts';
import type { RepeatedRow } from '../../analysis/roles/repeats.ts';
import type { Tower } from '../../anatomy/types.ts';
import type { ModelSession } from '../../session.ts';
import { mulberry32 } from '../../../shared/experiment/random.ts';
import { frozenShape, idsInputs, vocabulary } from '../prompt.ts';

export interface Rows {
  readonly rows: readonly RepeatedRow[];
  readonly start: readonly TokenInfo[];
  readonly period: number;
}

/** Below this a stretch has no token that neither comes next nor stands there now. */
const SHORTEST = 4;

/** Throws 'refused' where context or vocabulary are too small. */
export function rowsFor(session: ModelSession, tower: Tower, params: RolesParams): Rows {
  const [input] = idsInputs(session);
  const start = startOf(session);
  const room = (input && frozenShape(session, input).length) ?? tower.context ?? Infinity;
  const period = Math.min(params.period, Math.floor((room - start.length) / 2));
  const size = (input && vocabulary(session, input)) ?? tower.vocab ?? 0;
  const { tokenizer } = session;
  const isText = (id: number): boolean => 'missing' in tokenizer || tokenizer.isText(id);
  const pool = Array.from({ length: size }, (_, id) => id).filter(isText);
  if (period < SHORTEST || pool.length < 2 * period) {
    throw new CogscopeError('refused', `A context of ${room} tokens and a vocabulary of ${pool.length} hold no stretch of ${SHORTEST} tokens twice`, 'Use a model with a larger context');
  }
  return { rows: repeatedRows({ start: start.map(({ id }) => id), pool, rows: params.rows, period, uniform: mulberry32(params.seed) }), start, period };
}

/** What the tokenizer puts in front of a text. */
function startOf({ tokenizer }: ModelSession): readonly TokenInfo[] {
  if ('missing' in tokenizer) return [];
  const tokens = tokenizer.encode('a', { special: true });
  const own = tokens.findIndex(({ special }) => !special);
  return tokens.slice(0, own);
}
