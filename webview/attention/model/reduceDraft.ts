/** What is typed. */
import type { DraftAction, Reduce } from './actions.ts';

export const reduceDraft: Reduce<DraftAction> = (state, action) => {
  switch (action.kind) {
    case 'draft':
      return { ...state, draft: { ...state.draft, ...action.change }, problem: null, said: '' };
    case 'image':
      return { ...state, image: action.image, problem: null, said: '' };
    case 'typed':
      return { ...state, typed: action.typed, problem: action.typed ? null : state.problem };
    case 'problem':
      return { ...state, problem: action.error, typed: action.error ? null : state.typed };
    case 'edit': {
      const others = Object.fromEntries(Object.entries(state.edits).filter(([name]) => name !== action.input));
      return { ...state, edits: action.values ? { ...others, [action.input]: action.values } : others };
    }
    default:
      return action satisfies never;
  }
};
