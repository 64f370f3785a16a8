/** Roles of heads, for a person at a terminal. */
import { capitalised, counted, duration, fixed, significant } from '../../shared/format.ts';
import { shownHeads } from '../../shared/roles/markdown.ts';
import { LEAST_ATTENTION, LEAST_EFFECT, roleTests } from '../../shared/roles/roles.ts';
import type { HeadFinding, RoleFinding, RolesReport, RoleTest } from '../../shared/roles/roles.ts';
import { plainToken } from '../../shared/visible.ts';
import { table, wrap } from './layout.ts';

const DECIMALS = 3;

export function rolesText({ repeats, pairs, findings, passes, ms }: RolesReport, all: boolean): string {
  const { rows, period, seed, start, clean, error } = repeats;
  const sections = [
    [
      ...wrap(`${counted(rows, 'row')} of ${period} random tokens, said twice${start.length > 0 ? ` behind ${start.map(plainToken).join(' ')}` : ''}, from seed ${seed}. Logit difference between the token that comes next and another of the stretch: ${significant(clean)} ± ${significant(error)}.`),
      ...(pairs ? wrap(`${counted(pairs.pairs, 'pair')} of prompts. Logit difference between the answer and the other name: ${significant(pairs.clean)} ± ${significant(pairs.error)}.`) : []),
    ],
    wrap(`A head has a role where its attention is at least ${LEAST_ATTENTION} and its effect, a share of such a difference, at least ${LEAST_EFFECT}, both above their controls.`),
    ...findings.map((finding) => roleSection(finding, all)),
    [`${counted(passes, 'pass', 'passes')} in ${duration(ms)}`],
  ];
  return `${sections.map((section) => section.join('\n')).join('\n\n')}\n`;
}

function roleSection({ role, untested, heads }: RoleFinding, all: boolean): readonly string[] {
  const test = roleTests[role];
  const named = heads.filter(({ holds }) => holds);
  const found = untested === null ? named.length > 0 ? named.map(({ address }) => address).join(', ') : 'no head of this model' : `not tested, since ${untested}`;
  return [
    ...wrap(`${capitalised(test.name)}: ${found}`, 0, 2),
    ...(heads.length === 0 ? [] : numbersOf(test, heads, all)),
  ];
}

function numbersOf(test: RoleTest, heads: readonly HeadFinding[], all: boolean): readonly string[] {
  return [
    ...wrap(`Attention ${test.attention}; control: ${test.attentionControl}.`, 2),
    ...wrap(`Effect: ${test.effect}; control: ${test.effectControl}.`, 2),
    ...table([['head', 'attention', 'control', 'effect', 'control', ''], ...(all ? heads : shownHeads(heads)).map(row)], { indent: 2, right: [1, 2, 3, 4] }),
  ];
}

function row({ address, attention, attentionControl, effect, effectControl, holds }: HeadFinding): readonly string[] {
  return [address, ...[attention, attentionControl, effect, effectControl].map((value) => fixed(value, DECIMALS)), holds ? '' : 'does not have it'];
}
