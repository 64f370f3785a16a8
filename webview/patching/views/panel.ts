/** What every view of the panel is given. */
import type { Ink } from '../../lib/color/ink.ts';
import type { View as StateView } from '../../lib/view.ts';
import type { PanelCommand } from '../../../src/shared/protocol/panelApi.ts';
import type { Action } from '../model/actions.ts';
import type { State } from '../model/state.ts';

export type View = StateView<State>;

export interface Panel {
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly ink: () => Ink;
  /** Runs all cells. */
  readonly run: () => void;
  /** Runs what a sweep that stopped has not run. */
  readonly goOn: () => void;
  readonly cancel: () => void;
  readonly copy: (text: string) => void;
  /** Opens the attention panel at a head. */
  readonly openHead: (address: string) => void;
  /** Opens a cell's patched run against the run that was edited, in the editor's diff. */
  readonly showDiff: () => void;
  /** Lets a person choose the file with a direction. */
  readonly chooseVector: () => void;
  /** Opens what is typed as a document beside. */
  readonly showCode: (language: 'json' | 'python') => void;
  /** Shows a run of the history. */
  readonly openHistory: (id: string) => void;
  readonly rerunHistory: (id: string) => void;
  /** Opens the two that are ticked against each other. */
  readonly compareHistory: () => void;
  readonly command: (name: PanelCommand) => void;
  /** Exports what is shown. */
  readonly save: (format: 'csv' | 'svg') => void;
  /** Shows a line in the status; empty: what it shows at rest. */
  readonly say: (text: string) => void;
}

/** What a picture or a table may take, CSS pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}
