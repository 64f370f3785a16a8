/** What outlives a reload, read with care: it may stem from another version. */
import { experimentOf, emptyForm, emptyPair, formOf } from './form.ts';
import type { Form, PairForm } from './form.ts';
import { isFurther } from './further.ts';
import type { Measure, State } from './state.ts';

/** The rest is the host's. */
export interface Kept extends Partial<Pick<State, 'pair' | 'cell' | 'inspecting' | 'measure' | 'table'>> {
  readonly form?: Form;
}

export const keep = ({ form, pair, cell, inspecting, measure, table }: State): Kept => ({ form, pair, cell, inspecting, measure, table });

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of the same shape as what stands there when nothing is kept. */
const isLike = (value: unknown, like: object): boolean =>
  isObject(value) && Object.entries(like).every(([key, one]) => typeof value[key] === typeof one && Array.isArray(value[key]) === Array.isArray(one));

function readForm(value: unknown): Form | undefined {
  if (!isLike(value, emptyForm)) return undefined;
  const form = value as Form;
  if (form.pairs.length === 0 || !form.pairs.every((pair: PairForm) => isLike(pair, emptyPair) && isFurther(pair.further))) return undefined;
  // What this version's own reading and writing keep is what this version may show.
  try {
    const experiment = experimentOf(form, '');
    if (experiment) formOf(experiment);
    return form;
  } catch {
    return undefined;
  }
}

const measures: readonly Measure[] = ['recovered', 'effect', 'metric'];

export function readKept(state: Fields): Kept {
  const form = readForm(state['form']);
  const { pair, cell, measure, table } = state;
  return {
    ...(form ? { form } : {}),
    pair: Number.isSafeInteger(pair) ? Math.max(pair as number, 0) : 0,
    cell: Number.isSafeInteger(cell) ? (cell as number) : null,
    inspecting: state['inspecting'] === true,
    measure: measures.find((one) => one === measure) ?? null,
    table: table === true,
  };
}
