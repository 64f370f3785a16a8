/** What every view of the panel is given. */
import type { PictureFormat } from '../../lib/export/picture.ts';
import type { Ink } from '../../lib/color/ink.ts';
import type { View as StateView } from '../../lib/view.ts';
import type { PanelCommand } from '../../../src/shared/protocol/panelApi.ts';
import type { Action, State } from '../model/state.ts';

export type View = StateView<State>;

export interface Panel {
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly ink: () => Ink;
  readonly run: () => void;
  readonly cancel: () => void;
  readonly copy: (text: string) => void;
  /** Opens the attention panel at a head. */
  readonly openHead: (address: string) => void;
  readonly command: (name: PanelCommand) => void;
  /** Exports what is shown. */
  readonly save: (format: 'csv' | PictureFormat) => void;
  /** Shows a line in the status; empty: what it shows at rest. */
  readonly say: (text: string) => void;
}
