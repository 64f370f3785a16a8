/** What every view of the panel is given. */
import type { NeuronExample } from '../../../src/shared/neurons/figures.ts';
import type { PanelCommand } from '../../../src/shared/protocol/panelApi.ts';
import type { Ink } from '../../lib/color/ink.ts';
import type { View as StateView } from '../../lib/view.ts';
import type { Step } from '../model/neurons.ts';
import type { Action } from '../model/reduce.ts';
import type { State } from '../model/state.ts';

export type View = StateView<State>;

export type Format = 'csv' | 'svg' | 'json';

export interface Panel {
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly ink: () => Ink;
  readonly step: (step: Step) => void;
  readonly copy: (text: string) => void;
  readonly command: (name: PanelCommand) => void;
  readonly makeIndex: () => void;
  /** Tries the readings on the typed text, or on a file. */
  readonly test: (on: 'text' | 'file') => void;
  readonly openText: (example: NeuronExample) => void;
  readonly save: (format: Format) => void;
}
