/** The state after an action. Pure: nothing here calls, waits or draws. */
import type { Store } from '../../lib/store.ts';
import type { Action, Reduce } from './actions.ts';
import { reduceAverage } from './reduceAverage.ts';
import { reduceCompare } from './reduceCompare.ts';
import { reduceDraft } from './reduceDraft.ts';
import { reduceHost } from './reduceHost.ts';
import { reduceRun } from './reduceRun.ts';
import { reduceScores } from './reduceScores.ts';
import { reduceView } from './reduceView.ts';
import { reduceWritten } from './reduceWritten.ts';
import type { State } from './state.ts';

export type PanelStore = Store<State, Action>;

export const reduce: Reduce<Action> = (state, action) => {
  switch (action.kind) {
    case 'restored':
    case 'model':
    case 'reveal':
      return reduceHost(state, action);
    case 'draft':
    case 'image':
    case 'typed':
    case 'problem':
    case 'edit':
      return reduceDraft(state, action);
    case 'early':
    case 'asked':
    case 'masked':
    case 'progress':
    case 'ended':
    case 'failed':
    case 'cancelled':
    case 'predicted':
      return reduceRun(state, action);
    case 'select':
    case 'open':
    case 'back':
    case 'choose':
    case 'table':
    case 'filter':
    case 'order':
    case 'scale':
    case 'zoom':
    case 'view':
    case 'writing':
    case 'help':
    case 'said':
      return reduceView(state, action);
    case 'scoreBy':
    case 'drawn':
    case 'scoresAsked':
    case 'scoresCame':
    case 'scored':
    case 'scoresFailed':
      return reduceScores(state, action);
    case 'compare':
    case 'secondTyped':
    case 'compareAsked':
    case 'compared':
    case 'compareFailed':
    case 'shown':
      return reduceCompare(state, action);
    case 'average':
    case 'setTyped':
    case 'averageAsked':
    case 'averageCame':
    case 'averageKept':
    case 'averaged':
    case 'averageFailed':
    case 'averageShown':
      return reduceAverage(state, action);
    case 'target':
    case 'writtenAsked':
    case 'writtenCame':
    case 'written':
    case 'writtenFailed':
      return reduceWritten(state, action);
    default:
      return action satisfies never;
  }
};
