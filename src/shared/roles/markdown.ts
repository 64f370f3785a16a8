/** What tests of roles found, as a Markdown text. Pure. */
import { capitalised, count, counted, duration, fixed, significant } from '../format.ts';
import { LEAST_ATTENTION, LEAST_EFFECT, roleTests } from './roles.ts';
import type { HeadFinding, RoleFinding, RolesReport } from './roles.ts';

const DECIMALS = 3;

/** Heads that have no role are listed too where they attend as much as one that does: there the effect decides. Behind them the one that attends most. */
export function rolesMarkdown(title: string, { repeats, pairs, findings, passes, ms }: RolesReport): string {
  const lines = [
    `# Roles of the heads of ${title}`, '',
    `A head has a role where its attention is at least ${LEAST_ATTENTION} and its effect, a share of a logit difference, at least ${LEAST_EFFECT}, both above their controls.`, '',
    `- ${counted(repeats.rows, 'row')} of ${count(repeats.period)} random tokens, said twice, from seed ${repeats.seed}. Logit difference between what comes next and another token of the stretch: ${significant(repeats.clean)} ± ${significant(repeats.error)}.`,
    ...(pairs ? [`- ${counted(pairs.pairs, 'pair')} of prompts. Logit difference between the answer and the other name: ${significant(pairs.clean)} ± ${significant(pairs.error)}.`] : []),
    ...findings.flatMap(sectionOf),
    '', `${counted(passes, 'pass', 'passes')} in ${duration(ms)}.`, '',
  ];
  return lines.join('\n');
}

function sectionOf({ role, untested, heads }: RoleFinding): readonly string[] {
  const { name, attention, attentionControl, effect, effectControl, source } = roleTests[role];
  const named = heads.filter(({ holds }) => holds).map(({ address }) => address);
  const found = untested === null ? named.length > 0 ? `**${named.join(', ')}**` : 'No head of this model has it.' : `Not tested, since ${untested}.`;
  const head = ['', `## ${capitalised(name)}`, '', found];
  if (untested !== null) return head;
  return [
    ...head, '',
    '| Head | Role | Attention, control | Effect, control |', '| --- | --- | --: | --: |',
    ...shownHeads(heads).map((one) => `| ${one.address} | ${one.holds ? 'yes' : 'no'} | ${beside(one.attention, one.attentionControl)} | ${beside(one.effect, one.effectControl)} |`), '',
    `Attention ${attention}; control: ${attentionControl}. Effect: ${effect}; control: ${effectControl}. Source: ${source}.`,
  ];
}

const beside = (value: number, control: number): string => `${fixed(value, DECIMALS)}, ${fixed(control, DECIMALS)}`;

/** Those that attend enough, whether they have the role or not, and the next one. */
export function shownHeads(heads: readonly HeadFinding[]): readonly HeadFinding[] {
  const attending = heads.filter(({ holds, attention }) => holds || attention >= LEAST_ATTENTION);
  const next = heads.filter((head) => !attending.includes(head)).reduce<HeadFinding | undefined>((most, head) => (most && !(head.attention > most.attention) ? most : head), undefined);
  return [...attending.filter(({ holds }) => holds), ...attending.filter(({ holds }) => !holds), ...(next ? [next] : [])];
}
