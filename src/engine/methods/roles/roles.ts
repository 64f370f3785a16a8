/** Roles of heads: their tests run on a model. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { Ablation } from '../../../shared/experiment/experiment.ts';
import type { RolesParams, RolesProgress } from '../../../shared/protocol/rolesApi.ts';
import { roleNames } from '../../../shared/roles/roles.ts';
import type { HeadFinding, Role, RoleFinding, RolesReport } from '../../../shared/roles/roles.ts';
import { holds, meanAndError } from '../../analysis/roles/judge.ts';
import { elsewhere, glancesOf } from '../../analysis/roles/repeats.ts';
import type { Tower } from '../../anatomy/types.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';
import { mulberry32 } from '../../../shared/experiment/random.ts';
import { towerTokens } from '../prompt.ts';
import { lookAt } from './looks.ts';
import type { Look, Looks } from './looks.ts';
import { rowsFor } from './rows.ts';
import type { Rows } from './rows.ts';
import { silenceHeads } from './silence.ts';
import type { Silenced } from './silence.ts';

type Looked = Role | `${Role} control`;

export async function findRoles(session: ModelSession, params: RolesParams, progress: (body: RolesProgress) => void, signal: AbortSignal): Promise<RolesReport> {
  const started = performance.now();
  const tower = towerFor(session);
  const made = rowsFor(session, tower, params);
  const looks = looksAt(session, made, params.seed);
  const attention = await lookAt(session, tower, looks, (done) => progress({ what: 'looking where heads attend', done, of: looks.length }), signal);
  const silenced = await silenceHeads(session, ablationOf(made, params.seed), {
    step: (what) => progress({ what, done: 0, of: 0 }),
    cells: (done, of) => progress({ what: 'running without each head', done, of }),
  }, signal);
  const { mean: clean, error } = meanAndError(silenced.clean);
  return {
    repeats: { rows: made.rows.length, period: made.period, seed: params.seed, start: made.start.map(({ text }) => text), clean, error },
    findings: roleNames.map((role) => findingOf(role, attention, silenced, { mean: clean, error })),
    passes: looks.length + silenced.passes, ms: performance.now() - started,
  };
}

/** Throws 'refused' for models that do not continue a text by what stands before. */
function towerFor(session: ModelSession): Tower {
  const tower = predictingTower(session.anatomy);
  if (!tower || !tower.causal || session.anatomy.towers.length > 1) {
    throw new CogscopeError('refused', 'These roles are tested on models that continue a text, each token seeing those before it, and this is none', 'Use a causal language model');
  }
  return tower;
}

function looksAt(session: ModelSession, { rows, start, period }: Rows, seed: number): readonly Look<Looked>[] {
  const uniform = mulberry32(seed);
  const glances = glancesOf(start.length, period);
  return rows.flatMap(({ ids, unrepeated }): readonly Look<Looked>[] => [
    { tokens: towerTokens(session, { kind: 'ids', ids }), at: { ...glances, 'previous-token control': elsewhere(glances['previous-token'], uniform) } },
    { tokens: towerTokens(session, { kind: 'ids', ids: unrepeated }), at: { 'duplicate-token control': glances['duplicate-token'], 'induction control': glances.induction } },
  ]);
}

/** Measured before the last token of each row, which came next the first time. */
function ablationOf({ rows }: Rows, seed: number): Ablation {
  return {
    kind: 'ablation', model: '', pairs: rows.map(({ ids, distractor }) => ({ clean: ids, target: ids.at(-1) ?? 0, distractor })), metric: 'logit-difference', position: -2, special: false, expect: [],
    sites: ['z'], by: 'head', ablate: 'mean', together: [], seed,
  };
}

/** Standard errors that a mean must be above nothing to be a scale for what is lost of it. */
const CERTAIN = 3;

function findingOf(role: Role, attention: Looks<Looked>, { heads }: Silenced, clean: { readonly mean: number; readonly error: number }): RoleFinding {
  const untested = clean.mean > CERTAIN * clean.error ? null : 'The model does not tell what comes next where a stretch of random tokens comes again, so there is nothing to lose without a head';
  return {
    role, untested,
    heads: heads.map(({ address, own, other }): HeadFinding => {
      const numbers = { address, attention: attention(role, address), attentionControl: attention(`${role} control`, address), effect: own / clean.mean, effectControl: other / clean.mean };
      return { ...numbers, holds: untested === null && holds(numbers) };
    }),
  };
}
