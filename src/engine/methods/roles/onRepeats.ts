/** Roles that are tested on rows of random tokens, a stretch said twice: what the tokens are cannot matter there, only where they stand. */
import type { Ablation } from '../../../shared/experiment/experiment.ts';
import type { RolesParams } from '../../../shared/protocol/rolesApi.ts';
import { repeatsRoles } from '../../../shared/roles/roles.ts';
import type { RepeatsProtocol, RepeatsRole, RoleFinding } from '../../../shared/roles/roles.ts';
import { findingOf, isScale, scaleOf } from '../../analysis/roles/judge.ts';
import { elsewhere } from '../../analysis/roles/places.ts';
import { detectionOf } from '../../analysis/scores/detections.ts';
import type { ModelSession } from '../../session.ts';
import { mulberry32 } from '../../../shared/experiment/random.ts';
import { towerTokens } from '../prompt.ts';
import { lookAt } from './looks.ts';
import type { Look } from './looks.ts';
import { lossesOf } from './losses.ts';
import { rowsFor } from './rows.ts';
import type { Rows } from './rows.ts';
import type { Watch } from './watch.ts';

type Looked = RepeatsRole | `${RepeatsRole} control`;

export interface OnRepeats {
  readonly protocol: RepeatsProtocol;
  readonly findings: readonly RoleFinding[];
  readonly passes: number;
}

export async function rolesOnRepeats(session: ModelSession, params: RolesParams, watch: Watch, signal: AbortSignal): Promise<OnRepeats> {
  const made = rowsFor(session, params);
  const looks = looksAt(session, made, params.seed);
  const attention = await lookAt(session, looks, watch.counting('looking where heads attend', looks.length), signal);
  const { heads, clean, passes } = await lossesOf(session, ablationOf(made, params.seed), watch.losses('running random tokens without each head'), signal);
  const scale = scaleOf(clean);
  const untested = isScale(scale) ? null : 'the model does not tell what comes next where a stretch of random tokens comes again, so there is nothing to lose without a head';
  return {
    protocol: { rows: made.rows.length, period: made.period, seed: params.seed, start: made.start.map((id) => session.decode(id)), clean: scale.mean, error: scale.error },
    findings: repeatsRoles.map((role) => findingOf(role, untested, heads.map(({ address, own, other }) => ({
      address, attention: attention.of(role, address), attentionControl: attention.of(`${role} control`, address), effect: own / scale.mean, effectControl: other / scale.mean,
    })))),
    passes: looks.length + passes,
  };
}

function looksAt(session: ModelSession, { rows }: Rows, seed: number): readonly Look<Looked>[] {
  const uniform = mulberry32(seed);
  return rows.flatMap(({ ids, unrepeated }): readonly Look<Looked>[] => {
    const text = { ids, causal: true };
    const [previous, duplicate, induction] = (['previousToken', 'duplicateToken', 'induction'] as const).map((kind) => detectionOf({ kind }, text));
    return [
      { tokens: towerTokens(session, { kind: 'ids', ids }), at: { 'previous-token': previous, 'duplicate-token': duplicate, induction, 'previous-token control': previous && elsewhere(previous, uniform) } },
      { tokens: towerTokens(session, { kind: 'ids', ids: unrepeated }), at: { 'duplicate-token control': duplicate, 'induction control': induction } },
    ];
  });
}

/** Measured before the last token of each row, which came next the first time. */
function ablationOf({ rows }: Rows, seed: number): Ablation {
  return {
    kind: 'ablation', model: '', pairs: rows.map(({ ids, distractor }) => ({ clean: ids, target: ids.at(-1) ?? 0, distractor })), metric: 'logit-difference', position: -2, special: false, expect: [],
    sites: ['z'], by: 'head', ablate: 'mean', together: [], seed,
  };
}
