/** Roles of heads in few words. Pure. */
import { counted, inWords, significant } from '../../shared/format.ts';
import { LEAST_ATTENTION, LEAST_EFFECT, roleTests } from '../../shared/roles/roles.ts';
import type { RolesReport } from '../../shared/roles/roles.ts';
import type { NamedHead } from './rolesMemory.ts';

/** "previous token", "induction and name mover". */
export const rolesOf = (heads: readonly NamedHead[]): string => inWords(heads.map(({ role }) => roleTests[role].name));

/** A line for each role: "induction: attention 0.756 (at least 0.3), effect 0.232 (at least 0.05)". */
export const roleLines = (heads: readonly NamedHead[]): readonly string[] =>
  heads.map(({ role, attention, effect }) => `${roleTests[role].name}: attention ${significant(attention)} (at least ${LEAST_ATTENTION}), effect ${significant(effect)} (at least ${LEAST_EFFECT})`);

/** "6 heads have a role: 2 previous token, 4 induction"; "No head has a role". */
export function summaryOf({ findings }: RolesReport): string {
  const counts = findings.flatMap(({ role, heads }) => {
    const named = heads.filter(({ holds }) => holds);
    return named.length > 0 ? [{ name: roleTests[role].name, addresses: named.map(({ address }) => address) }] : [];
  });
  const heads = new Set(counts.flatMap(({ addresses }) => addresses));
  if (heads.size === 0) return 'No head has a role';
  return `${counted(heads.size, 'head')} ${heads.size === 1 ? 'has' : 'have'} a role: ${counts.map(({ name, addresses }) => `${addresses.length} ${name}`).join(', ')}`;
}
