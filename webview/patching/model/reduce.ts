/** The state after an action. Pure: nothing here calls, waits or draws. */
import type { Store } from '../../lib/store.ts';
import type { Action, Reduce } from './actions.ts';
import { reduceForm } from './reduceForm.ts';
import { reduceHost } from './reduceHost.ts';
import { reduceRun } from './reduceRun.ts';
import { reduceView } from './reduceView.ts';
import type { State } from './state.ts';

export type PanelStore = Store<State, Action>;

export const reduce: Reduce<Action> = (state, action) => {
  switch (action.kind) {
    case 'model':
    case 'restored':
    case 'shown':
    case 'history':
      return reduceHost(state, action);
    case 'form':
    case 'pair':
    case 'showPair':
    case 'addPair':
    case 'removePair':
    case 'typed':
      return reduceForm(state, action);
    case 'wanted':
    case 'asked':
    case 'progress':
    case 'ended':
    case 'failed':
    case 'cancelled':
      return reduceRun(state, action);
    case 'select':
    case 'inspect':
    case 'inspectPair':
    case 'inspected':
    case 'measure':
    case 'table':
    case 'filter':
    case 'order':
    case 'pick':
    case 'help':
    case 'said':
      return reduceView(state, action);
    default:
      return action satisfies never;
  }
};
