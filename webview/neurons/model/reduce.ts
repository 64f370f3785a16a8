/** What happens in the panel, and what becomes of its state. */
import type { NeuronFigures, NeuronIndexInfo, NeuronIndexStanding, NeuronLayer } from '../../../src/shared/neurons/figures.ts';
import type { ContextActivations, NeuronsHere } from '../../../src/shared/neurons/here.ts';
import type { LiveActivations } from '../../../src/shared/neurons/live.ts';
import type { ReadingTrial } from '../../../src/shared/neurons/readings.ts';
import type { NeuronSearchResult } from '../../../src/shared/neurons/search.ts';
import type { SimilarNeurons } from '../../../src/shared/neurons/similar.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';
import type { Store } from '../../lib/store.ts';
import type { Kept } from './kept.ts';
import { firstNeuron, neuronsOf } from './neurons.ts';
import { exampleKey, none } from './state.ts';
import type { Asked, Query, State } from './state.ts';

export type Action =
  | { readonly kind: 'model'; readonly model: PanelModel }
  | { readonly kind: 'restored'; readonly kept: Kept; readonly address: string | null; readonly text: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'index'; readonly index: Asked<NeuronIndexStanding> }
  | { readonly kind: 'figures'; readonly figures: Asked<NeuronFigures> }
  | { readonly kind: 'similar'; readonly similar: Asked<SimilarNeurons> }
  | { readonly kind: 'shades'; readonly shades: readonly ContextActivations[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'live'; readonly live: Asked<LiveActivations> }
  | { readonly kind: 'choose'; readonly position: number }
  | { readonly kind: 'reading'; readonly reading: number | null }
  | { readonly kind: 'trial'; readonly trial: Asked<ReadingTrial> }
  | { readonly kind: 'here'; readonly here: Asked<NeuronsHere> }
  | { readonly kind: 'layers'; readonly layers: Asked<readonly NeuronLayer[]> }
  | { readonly kind: 'query'; readonly query: Partial<Query> }
  | { readonly kind: 'found'; readonly found: Asked<NeuronSearchResult> }
  | { readonly kind: 'unfold'; readonly group: string; readonly on: boolean }
  | { readonly kind: 'table'; readonly on: boolean }
  | { readonly kind: 'help'; readonly on: boolean }
  | { readonly kind: 'said'; readonly text: string };

export type PanelStore = Store<State, Action>;

export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'model':
      return withAddress({ ...state, model: action.model });
    case 'restored':
      return withAddress({ ...state, ...action.kept, address: action.address ?? action.kept.address, text: state.text || action.text || action.kept.text });
    case 'address':
      return action.address === state.address ? state : { ...state, address: action.address, figures: none, similar: none, shades: new Map(), live: none, reading: null, trial: none, unfolded: [], said: '' };
    case 'index':
      return withIndex(state, action.index);
    case 'figures':
      // What is shown stays until the new figures are there.
      return action.figures.kind === 'asked' && state.figures.kind === 'there' ? state : { ...state, figures: action.figures };
    case 'similar':
      return { ...state, similar: action.similar };
    case 'shades':
      return { ...state, shades: new Map([...state.shades, ...action.shades.map((one) => [exampleKey(one), one.activations] as const)]) };
    case 'text':
      return { ...state, text: action.text, position: -1, here: none };
    case 'live':
      return action.live.kind === 'asked' && state.live.kind === 'there' ? state : { ...state, live: action.live };
    case 'choose':
      return { ...state, position: action.position, said: '' };
    case 'reading':
      return { ...state, reading: action.reading === state.reading ? null : action.reading };
    case 'trial':
      return { ...state, trial: action.trial };
    case 'here':
      return { ...state, here: action.here };
    case 'layers':
      return { ...state, layers: action.layers };
    case 'query':
      return { ...state, query: { ...state.query, ...action.query } };
    case 'found':
      return { ...state, found: action.found };
    case 'unfold':
      return { ...state, unfolded: [...state.unfolded.filter((group) => group !== action.group), ...(action.on ? [action.group] : [])] };
    case 'table':
      return { ...state, table: action.on };
    case 'help':
      return { ...state, help: action.on };
    case 'said':
      return { ...state, said: action.text };
    default:
      return action satisfies never;
  }
}

/** Of an index that is gone, or is of another model, nothing is shown; of one over other texts nothing that was computed on the texts before. */
function withIndex(state: State, index: Asked<NeuronIndexStanding>): State {
  const [before, now] = [state.index, index].map((asked) => (asked.kind === 'there' ? asked.value : undefined));
  const next = { ...state, index };
  if (now === undefined || (before?.kind === 'usable' && now.kind === 'usable' && goesOn(before, now))) return next;
  const without: State = { ...next, shades: new Map(), reading: null, trial: none };
  return now.kind === 'usable' ? without : { ...without, figures: none, similar: none, layers: none, found: none };
}

const goesOn = (before: NeuronIndexInfo, now: NeuronIndexInfo): boolean => before.texts.join('\n') === now.texts.join('\n') && before.tokens <= now.tokens;

/** A panel that was not told which shows the first neuron. */
function withAddress(state: State): State {
  if (state.address !== null) return state;
  const first = firstNeuron(neuronsOf(state.model));
  return first === undefined ? state : { ...state, address: first };
}
