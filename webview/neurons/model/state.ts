/** All that the panel of neurons knows. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { NeuronFigures, NeuronIndexStanding, NeuronLayer } from '../../../src/shared/neurons/figures.ts';
import type { NeuronsHere } from '../../../src/shared/neurons/here.ts';
import type { LiveActivations } from '../../../src/shared/neurons/live.ts';
import type { ReadingTrial } from '../../../src/shared/neurons/readings.ts';
import type { NeuronSearchResult } from '../../../src/shared/neurons/search.ts';
import type { SimilarNeurons } from '../../../src/shared/neurons/similar.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';

export type Asked<T> =
  | { readonly kind: 'none' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'there'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: ErrorData };

export const none = { kind: 'none' } as const;

export interface State {
  readonly model: PanelModel | null;
  /** L3N1234; null until the model is read. */
  readonly address: string | null;
  readonly index: Asked<NeuronIndexStanding>;
  /** Of the address, from the index. */
  readonly figures: Asked<NeuronFigures>;
  /** Neurons like it. */
  readonly similar: Asked<SimilarNeurons>;
  /** Activations of the tokens around examples, by {@link exampleKey}. */
  readonly shades: ReadonlyMap<string, readonly number[]>;
  /** What is typed. */
  readonly text: string;
  readonly live: Asked<LiveActivations>;
  /** Token of the typed text. */
  readonly position: number;
  /** The reading whose examples are shown; null: all. */
  readonly reading: number | null;
  /** The readings tried on a text. */
  readonly trial: Asked<ReadingTrial>;
  /** At the chosen token of the typed text. */
  readonly here: Asked<NeuronsHere>;
  readonly layers: Asked<readonly NeuronLayer[]>;
  readonly query: Query;
  readonly found: Asked<NeuronSearchResult>;
  /** Groups of examples that show all they have. */
  readonly unfolded: readonly string[];
  readonly table: boolean;
  readonly help: boolean;
  /** What was just done, for the status. */
  readonly said: string;
}

/** What is looked for. */
export interface Query {
  readonly text: string;
  /** What the text is to the neurons. */
  readonly by: 'token' | 'raises' | 'lowers' | 'described';
  /** Index into the shares of tokens that are offered. */
  readonly rate: number;
  /** Of the shown neuron's layer alone. */
  readonly inLayer: boolean;
}

export const initialState: State = {
  model: null, address: null, index: none, figures: none, similar: none, shades: new Map(), text: '', live: none, position: -1, reading: null, trial: none, here: none, layers: none, query: { text: '', by: 'token', rate: 0, inLayer: false }, found: none, unfolded: [], table: false, help: false, said: '',
};

export const exampleKey = ({ row, position }: { readonly row: number; readonly position: number }): string => `${row}:${position}`;
