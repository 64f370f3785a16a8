/** What is looked at, and how. */
import type { Reduce, ViewAction } from './actions.ts';

export const reduceView: Reduce<ViewAction> = (state, action) => {
  switch (action.kind) {
    case 'select':
      return { ...state, cell: action.cell, said: '' };
    case 'measure':
      return { ...state, measure: action.measure };
    case 'table':
      return { ...state, table: action.on, filter: '', order: null, said: '' };
    case 'filter':
      return { ...state, filter: action.text };
    case 'order':
      return { ...state, order: action.order };
    case 'help':
      return { ...state, help: action.on };
    case 'said':
      return { ...state, said: action.text };
    default:
      return action satisfies never;
  }
};
