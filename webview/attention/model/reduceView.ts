/** What is looked at, and how. */
import { mostZoom } from '../../lib/geometry/matrix.ts';
import { sourcesOf } from '../pattern/rows.ts';
import type { Reduce, ViewAction } from './actions.ts';
import type { Head } from './heads.ts';
import { layerOf, positionOf, runTokens, sourceTokens } from './read.ts';
import type { State } from './state.ts';

export const reduceView: Reduce<ViewAction> = (state, action) => {
  switch (action.kind) {
    case 'select':
      return { ...state, head: action.head, missing: null, said: '' };
    case 'open':
      return openHead(state, action.head);
    case 'back':
      return { ...state, place: 'grid', filter: '', order: null, said: '' };
    case 'choose': {
      const bound = (at: number, tokens: readonly unknown[]): number => Math.min(Math.max(at, 0), Math.max(tokens.length - 1, 0));
      return { ...state, position: bound(action.position, runTokens(state)), source: bound(action.source ?? state.source, sourceTokens(state)), said: '' };
    }
    case 'table':
      return { ...state, table: action.on, filter: '', order: null, said: '' };
    case 'filter':
      return { ...state, filter: action.text };
    case 'order':
      return { ...state, order: action.order };
    case 'scale':
      return { ...state, scale: action.scale };
    case 'zoom':
      return { ...state, zoom: Math.min(Math.max(action.zoom, 1), mostZoom(runTokens(state).length, sourceTokens(state).length)) };
    case 'view':
      return { ...state, view: action.view };
    case 'writing':
      return { ...state, writing: action.writing };
    case 'help':
      return { ...state, help: action.on };
    case 'said':
      return { ...state, said: action.text };
    default:
      return action satisfies never;
  }
};

/** Opens a head large, the cursor on the strongest source of the chosen token; from head to head the cursor stays, to compare. */
export function openHead(state: State, head: Head): State {
  // Of another tower the cursor would be another token's.
  if (state.place === 'head' && state.head?.tower === head.tower && state.head.attention === head.attention) return { ...state, head, missing: null, said: '' };
  const layer = layerOf(state, head);
  const strongest = layer && sourcesOf(layer, head.head, positionOf({ ...state, head }))[0];
  return { ...state, place: 'head', head, source: strongest?.at ?? Math.min(Math.max(positionOf({ ...state, head }), 0), Math.max(sourceTokens({ ...state, head }).length - 1, 0)), zoom: 1, filter: '', order: null, missing: null, said: '' };
}
