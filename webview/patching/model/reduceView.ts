/** What is looked at, and how. */
import type { Reduce, ViewAction } from './actions.ts';

export const reduceView: Reduce<ViewAction> = (state, action) => {
  switch (action.kind) {
    case 'select':
      return { ...state, cell: action.cell, said: '' };
    case 'inspect':
      return { ...state, cell: action.cell ?? state.cell, inspecting: action.cell !== null, said: '' };
    case 'inspectPair':
      return { ...state, inspectedPair: Math.min(Math.max(action.pair, 0), Math.max((state.run?.frame?.pairs.length ?? 1) - 1, 0)) };
    case 'inspected':
      return { ...state, inspected: action.inspected };
    case 'measure':
      return { ...state, measure: action.measure };
    case 'table':
      return { ...state, table: action.on, filter: '', order: null, said: '' };
    case 'filter':
      return { ...state, filter: action.text };
    case 'order':
      return { ...state, order: action.order };
    case 'pick': {
      const others = state.picked.filter((id) => id !== action.id);
      if (state.picked.includes(action.id) === action.on) return state;
      return { ...state, picked: action.on ? [...others, action.id].slice(-2) : others };
    }
    case 'help':
      return { ...state, help: action.on };
    case 'said':
      return { ...state, said: action.text };
    default:
      return action satisfies never;
  }
};
