/** What heads write: how it comes, and which token it is about. */
import type { Reduce, WrittenAction } from './actions.ts';
import { layerKey, placeOf } from './heads.ts';

export const reduceWritten: Reduce<WrittenAction> = (state, action) => {
  const { written } = state;
  switch (action.kind) {
    case 'target':
      return { ...state, target: action.text, said: '' };
    case 'writtenAsked':
      return { ...state, written: { serial: action.serial, run: action.run, about: action.about, phase: 'running', done: 0, of: 0, layers: new Map(), target: null, notes: [], error: null } };
    case 'writtenCame': {
      if (written?.serial !== action.serial) return state;
      const { layer, done, of } = action.progress;
      return { ...state, written: { ...written, done, of, layers: new Map(written.layers).set(layerKey(placeOf(layer)), layer) } };
    }
    case 'written': {
      if (written?.serial !== action.serial) return state;
      const { layers, target, notes } = action.result;
      return { ...state, written: { ...written, phase: 'done', target, notes, layers: new Map(layers.map((layer) => [layerKey(placeOf(layer)), layer])) } };
    }
    case 'writtenFailed':
      return written?.serial === action.serial ? { ...state, written: { ...written, phase: 'failed', error: action.error } } : state;
    default:
      return action satisfies never;
  }
};
