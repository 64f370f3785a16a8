/** Scores of heads: what is chosen, and how they come. */
import type { Reduce, ScoreAction } from './actions.ts';
import { layerKey, placeOf } from './heads.ts';

export const reduceScores: Reduce<ScoreAction> = (state, action) => {
  const { scores } = state;
  switch (action.kind) {
    case 'scoreBy':
      return { ...state, choice: { ...state.choice, ...action.change }, said: '' };
    case 'drawn':
      return { ...state, drawn: action.drawn, choice: { ...state.choice, pattern: 'drawn' }, said: '' };
    case 'scoresAsked':
      return { ...state, scores: { serial: action.serial, key: action.key, phase: 'running', done: 0, of: 0, protocol: null, layers: new Map(), notes: [], error: null } };
    case 'scoresCame': {
      if (scores?.serial !== action.serial) return state;
      const { progress } = action;
      switch (progress.kind) {
        case 'started':
          return { ...state, scores: { ...scores, protocol: progress.protocol, notes: progress.notes } };
        case 'layer':
          return { ...state, scores: { ...scores, done: progress.done, of: progress.of, layers: new Map(scores.layers).set(layerKey(placeOf(progress.scores)), progress.scores) } };
        default:
          return progress satisfies never;
      }
    }
    case 'scored': {
      if (scores?.serial !== action.serial) return state;
      const { protocol, notes, layers } = action.result;
      return { ...state, scores: { ...scores, phase: 'done', protocol, notes, layers: new Map(layers.map((layer) => [layerKey(placeOf(layer)), layer])) } };
    }
    case 'scoresFailed':
      return scores?.serial === action.serial ? { ...state, scores: { ...scores, phase: 'failed', error: action.error } } : state;
    default:
      return action satisfies never;
  }
};
