/** All that the panel of neurons knows. */
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { NeuronFigures, NeuronIndexStanding } from '../../../src/shared/neurons/figures.ts';
import type { LiveActivations } from '../../../src/shared/neurons/live.ts';
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
  /** Activations of the tokens around examples, by {@link exampleKey}. */
  readonly shades: ReadonlyMap<string, readonly number[]>;
  /** What is typed. */
  readonly text: string;
  readonly live: Asked<LiveActivations>;
  /** Token of the typed text. */
  readonly position: number;
  /** Groups of examples that show all they have. */
  readonly unfolded: readonly string[];
  readonly table: boolean;
  readonly help: boolean;
  /** What was just done, for the status. */
  readonly said: string;
}

export const initialState: State = {
  model: null, address: null, index: none, figures: none, shades: new Map(), text: '', live: none, position: -1, unfolded: [], table: false, help: false, said: '',
};

export const exampleKey = ({ row, position }: { readonly row: number; readonly position: number }): string => `${row}:${position}`;
