/** The form after a change: what no longer fits follows; and what was typed before the host's word came. */
import { kinds } from '../../../src/shared/experiment/kinds.ts';
import { sites, usualSites } from '../../../src/shared/experiment/sites.ts';
import { emptyForm } from './form.ts';
import type { Form, PairForm } from './form.ts';
import { isGiven } from './further.ts';

/** Sites that cannot be taken apart this way, and the metric that a kind usually has. */
export function fitted(form: Form, change: Partial<Form>): Form {
  const next = { ...form, ...change };
  const isUsual = change.kind !== undefined && change.metric === undefined && form.metric === kinds[form.kind].metric;
  const fits = next.sites.filter((site) => sites[site].by.includes(next.by));
  return { ...next, metric: isUsual ? kinds[next.kind].metric : next.metric, sites: fits.length > 0 ? fits : usualSites(next.by) };
}

/** What was typed before the host's word came is later than that: the prompts as a whole, other fields each for itself. */
export function typedOver(told: Form, typed: Form): Form {
  const fields = Object.keys(emptyForm) as (keyof Form)[];
  const touched = fields.filter((field) => (field === 'pairs' ? hasPairs(typed) : JSON.stringify(typed[field]) !== JSON.stringify(emptyForm[field])));
  return touched.length === 0 ? told : fitted(told, Object.fromEntries(touched.map((field) => [field, typed[field]])));
}

/** Something is typed in a pair, or there is a second one. */
export const hasPairs = ({ pairs }: Form): boolean => pairs.length > 1 || pairs.some(isTyped);

const isTyped = ({ clean, corrupted, target, distractor, subject, further }: PairForm): boolean =>
  [clean, corrupted, target, distractor, subject].some((text) => text !== '') || Object.values(further).some(isGiven);
