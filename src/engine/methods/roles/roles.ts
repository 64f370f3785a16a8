/** Roles of heads: their tests run on a model. */
import { CogscopeError } from '../../../shared/errors.ts';
import type { RolesParams, RolesProgress } from '../../../shared/protocol/rolesApi.ts';
import type { RolesReport } from '../../../shared/roles/roles.ts';
import { predictingTower } from '../../program/chain.ts';
import type { ModelSession } from '../../session.ts';
import { rolesOnPairs, withoutPairs } from './onPairs.ts';
import { rolesOnRepeats } from './onRepeats.ts';
import { Watch } from './watch.ts';

export async function findRoles(session: ModelSession, params: RolesParams, progress: (body: RolesProgress) => void, signal: AbortSignal): Promise<RolesReport> {
  const started = performance.now();
  checkCausal(session);
  const watch = new Watch(progress);
  const repeats = await rolesOnRepeats(session, params, watch, signal);
  const pairs = params.pairs ? await rolesOnPairs(session, params.pairs, { seed: params.seed, watch }, signal) : withoutPairs('no pairs of prompts with two names were given');
  return { repeats: repeats.protocol, pairs: pairs.protocol, findings: [...repeats.findings, ...pairs.findings], passes: repeats.passes + pairs.passes, ms: performance.now() - started };
}

/** Throws 'refused' for models that do not continue a text by what stands before. */
function checkCausal({ anatomy }: ModelSession): void {
  if (predictingTower(anatomy)?.causal === true && anatomy.towers.length === 1) return;
  throw new CogscopeError('refused', 'These roles are tested on models that continue a text, each token seeing those before it, and this is none', 'Use a causal language model');
}
