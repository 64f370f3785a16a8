/** What is typed. */
import type { FormAction, Reduce } from './actions.ts';
import { fitted } from './changed.ts';
import { emptyPair } from './form.ts';
import type { Form } from './form.ts';
import { untyped } from './state.ts';
import type { State } from './state.ts';

export const reduceForm: Reduce<FormAction> = (state, action) => {
  const { form, pair } = state;
  switch (action.kind) {
    case 'form':
      return changes(form, action.change) ? { ...state, form: fitted(form, action.change), failure: null } : state;
    case 'pair':
      if (!changes(form.pairs[pair] ?? emptyPair, action.change)) return state;
      return { ...withPairs(state, form.pairs.map((one, index) => (index === pair ? { ...one, ...action.change } : one))), failure: null };
    case 'showPair':
      return { ...state, pair: Math.min(Math.max(action.pair, 0), form.pairs.length - 1), typed: untyped };
    case 'addPair': {
      const { ids, tokenIds } = form.pairs[pair] ?? emptyPair;
      return { ...withPairs(state, [...form.pairs, { ...emptyPair, ids, tokenIds }]), pair: form.pairs.length, typed: untyped };
    }
    case 'removePair': {
      const rest = form.pairs.filter((_, index) => index !== pair);
      return { ...withPairs(state, rest.length > 0 ? rest : [emptyPair]), pair: Math.max(Math.min(pair, rest.length - 1), 0), typed: untyped };
    }
    case 'typed':
      return { ...state, typed: action.typed };
    default:
      return action satisfies never;
  }
};

/** Controls tell of a value also where it was set by us. */
const changes = <T extends object>(before: T, change: Partial<T>): boolean => (Object.keys(change) as (keyof T)[]).some((key) => before[key] !== change[key]);

const withPairs = (state: State, pairs: Form['pairs']): State => ({ ...state, form: { ...state.form, pairs } });
