/** `cogscope roles MODEL`: which heads have a role, by stated tests. */
import { capitalised } from '../../shared/format.ts';
import type { RolesProgress } from '../../shared/protocol/rolesApi.ts';
import { LEAST_ATTENTION, LEAST_EFFECT, roleTests } from '../../shared/roles/roles.ts';
import type { RolesReport } from '../../shared/roles/roles.ts';
import type { Arguments } from '../args.ts';
import { withModel } from '../command.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { commonOptions } from '../options.ts';
import { rolesText } from '../print/roles.ts';

const ROWS = 16;
const PERIOD = 25;

export const roles: Command = {
  name: 'roles',
  usage: 'MODEL [--rows N] [--period N] [--seed N] [--all]',
  about: 'Names heads by their roles: previous token, duplicate token, induction',
  notes: [
    'A role is given by a test on rows of random tokens, a stretch said twice: where the head attends, and what the answer loses without it. Each number stands beside its threshold and beside a control, what the same test gives where nothing is to be found.',
  ],
  options: [
    { name: 'rows', value: 'N', about: `Rows of random tokens; ${ROWS} unless given.` },
    { name: 'period', value: 'N', about: `Tokens of a stretch; ${PERIOD} unless given, and less where the context holds less.` },
    { name: 'seed', value: 'N', about: 'Decides the tokens; 0 unless given.' },
    { name: 'all', value: null, about: 'Shows every head in each role’s table.' },
    ...commonOptions,
  ],
  run: runRoles,
};

async function runRoles(args: Arguments, context: Context): Promise<Outcome> {
  const { interrupts: { signal }, progress } = context;
  const params = { rows: args.whole('rows', 2, 1000) ?? ROWS, period: args.whole('period', 4, 10_000) ?? PERIOD, seed: args.whole('seed', 0, 0xffffffff) ?? 0 };
  const report = await withModel(args, context, (engine) => engine.call('roles', params, {
    signal,
    onProgress: (body) => {
      const { what, done, of } = body as RolesProgress;
      progress.show(capitalised(what), ...(of > 0 ? [done, of] as const : []));
    },
  }));
  return { text: () => rolesText(report, args.has('all')), json: rolesJson(report), exit: OK };
}

function rolesJson({ repeats, findings, passes, ms }: RolesReport): Readonly<Record<string, unknown>> {
  return {
    protocol: { ...repeats, leastAttention: LEAST_ATTENTION, leastEffect: LEAST_EFFECT },
    roles: findings.map(({ role, untested, heads }) => {
      const { attention, attentionControl, effect, effectControl, source } = roleTests[role];
      return { role, untested, named: heads.filter(({ holds }) => holds).map(({ address }) => address), test: { attention, attentionControl, effect, effectControl, source }, heads };
    }),
    passes, ms,
  };
}
