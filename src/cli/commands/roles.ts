/** `cogscope roles MODEL` and `cogscope roles FILE.cogscope.json`: which heads have a role, by stated tests. */
import { resolve } from 'node:path';
import { CogscopeError } from '../../shared/errors.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { capitalised } from '../../shared/format.ts';
import type { RolesParams, RolesProgress } from '../../shared/protocol/rolesApi.ts';
import { LEAST_ATTENTION, LEAST_EFFECT, roleTests } from '../../shared/roles/roles.ts';
import type { RolesReport } from '../../shared/roles/roles.ts';
import type { Arguments } from '../args.ts';
import { withModelAt } from '../command.ts';
import type { Command, Context, Outcome } from '../command.ts';
import { OK } from '../exits.ts';
import { readExperimentFile, SUFFIX } from '../experiments/files.ts';
import { commonOptions } from '../options.ts';
import { rolesText } from '../print/roles.ts';

const ROWS = 16;
const PERIOD = 25;

export const roles: Command = {
  name: 'roles',
  subject: 'FILE|MODEL',
  usage: '(FILE|MODEL) [--rows N] [--period N] [--seed N] [--all]',
  about: 'Names heads by their roles: previous token, induction, name mover and more',
  notes: [
    'A role is given by a test: where the head attends, and what the answer loses without it. Each number stands beside its threshold and beside a control, what the same test gives where nothing is to be found.',
    'Previous-token, duplicate-token and induction heads are tested on rows of random tokens, a stretch said twice. Name movers, negative and backup name movers and S-inhibition heads are tested on the pairs of an experiment’s file: each with a corrupted prompt, a target that stands once in the clean prompt, and a distractor that stands twice.',
  ],
  options: [
    { name: 'rows', value: 'N', about: `Rows of random tokens; ${ROWS} unless given.` },
    { name: 'period', value: 'N', about: `Tokens of a stretch; ${PERIOD} unless given, and less where the context holds less.` },
    { name: 'seed', value: 'N', about: 'Decides what is drawn; 0 unless given.' },
    { name: 'all', value: null, about: 'Shows every head in each role’s table.' },
    ...commonOptions,
  ],
  run: runRoles,
};

async function runRoles(args: Arguments, context: Context): Promise<Outcome> {
  const { interrupts: { signal }, progress } = context;
  const experiment = await experimentOf(args);
  const params: RolesParams = {
    rows: args.whole('rows', 2, 1000) ?? ROWS, period: args.whole('period', 4, 10_000) ?? PERIOD, seed: args.whole('seed', 0, 0xffffffff) ?? 0,
    pairs: experiment && { pairs: experiment.pairs, position: experiment.position, special: experiment.special },
  };
  const report = await withModelAt(experiment?.model ?? resolve(args.positionals[0] ?? ''), args, context, (engine) => engine.call('roles', params, {
    signal,
    onProgress: (body) => {
      const { what, done, of } = body as RolesProgress;
      progress.show(capitalised(what), ...(of > 0 ? [done, of] as const : []));
    },
  }));
  return { text: () => rolesText(report, args.has('all')), json: rolesJson(report), exit: OK };
}

/** Null where a model is named. */
async function experimentOf({ positionals: [path, extra] }: Arguments): Promise<Experiment | null> {
  if (path === undefined) throw new CogscopeError('usage', 'No model is named', `Give the path of an .onnx file, or of a *${SUFFIX}`);
  if (extra !== undefined) throw new CogscopeError('usage', `"${extra}" is one word too many`, 'Name one model or one experiment');
  return path.endsWith(SUFFIX) ? await readExperimentFile(path) : null;
}

function rolesJson({ repeats, pairs, findings, passes, ms }: RolesReport): Readonly<Record<string, unknown>> {
  return {
    protocol: { repeats, pairs, leastAttention: LEAST_ATTENTION, leastEffect: LEAST_EFFECT },
    roles: findings.map(({ role, untested, heads }) => {
      const { attention, attentionControl, effect, effectControl, source } = roleTests[role];
      return { role, untested, named: heads.filter(({ holds }) => holds).map(({ address }) => address), test: { attention, attentionControl, effect, effectControl, source }, heads };
    }),
    passes, ms,
  };
}
