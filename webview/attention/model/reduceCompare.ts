/** A second prompt beside the first, and which of the pictures is shown. */
import type { CompareAction, Reduce } from './actions.ts';
import { columnsOf, positionIn } from './compare.ts';
import type { Shown } from './compare.ts';
import { readTower } from './read.ts';
import { showAverage } from './reduceAverage.ts';
import type { State } from './state.ts';

export const reduceCompare: Reduce<CompareAction> = (state, action) => {
  const { compare } = state;
  switch (action.kind) {
    case 'compare':
      if (action.on) return compare ? state : { ...showAverage(state, 'prompt'), average: null, compare: { text: '', shown: 'difference', asked: false, error: null, compared: null }, said: '' };
      return { ...showRun(state, 'first'), compare: null, said: '' };
    case 'secondTyped':
      return compare ? { ...state, compare: { ...compare, text: action.text, asked: false, error: null } } : state;
    case 'compareAsked':
      return askAgain(state);
    case 'compared':
      return compare ? showRun({ ...state, compare: { ...compare, asked: false, error: null, compared: action.compared } }, compare.shown, 'first') : state;
    case 'compareFailed':
      return compare ? { ...state, compare: { ...compare, asked: false, error: action.error } } : state;
    case 'shown':
      return showRun(state, action.shown);
    default:
      return action satisfies never;
  }
};

/** Back to the first prompt's run, until both have run again. */
export function askAgain(state: State): State {
  const first = showRun(state, 'first');
  return first.compare ? { ...first, compare: { ...first.compare, shown: state.compare?.shown ?? 'difference', asked: true, error: null, compared: null } } : first;
}

/** Shows one of the pictures; the cursor stays on its tokens. */
export function showRun(state: State, shown: Shown, from = state.compare?.shown ?? shown): State {
  const { compare, head, position, source } = state;
  if (!compare) return state;
  const { compared } = compare;
  if (!compared) return { ...state, compare: { ...compare, shown } };
  const { difference } = compared.runs.difference;
  const columns = difference && head ? columnsOf(difference, head, readTower(state, head)) : undefined;
  const prompt = difference && Object.values(difference.towers)[0];
  return {
    ...state, compare: { ...compare, shown }, run: compared.runs[shown], predictions: compared.predictions[shown], said: '',
    position: position === null ? null : positionIn(head ? columns?.dest : prompt, position, from, shown),
    source: positionIn(columns?.source, source, from, shown),
  };
}
