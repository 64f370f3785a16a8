/** What every view of the panel is given. */
import type { PictureFormat } from '../../lib/export/picture.ts';
import type { Ink } from '../../lib/color/ink.ts';
import type { View as StateView } from '../../lib/view.ts';
import type { HeadWrites } from '../../../src/shared/protocol/attentionApi.ts';
import type { PanelCommand } from '../../../src/shared/protocol/panelApi.ts';
import type { SourceLine } from '../../../src/shared/summary.ts';
import type { Action } from '../model/actions.ts';
import type { State } from '../model/state.ts';
import type { Tiles } from '../effects/tiles.ts';
import type { Writes } from '../effects/writes.ts';

export type View = StateView<State>;

export interface Panel {
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly ink: () => Ink;
  readonly tiles: Tiles;
  readonly writes: Writes;
  /** Asks which image, and runs it. */
  readonly chooseImage: () => void;
  readonly run: () => void;
  /** Runs what is typed, or an example where nothing is. */
  readonly runFirst: () => void;
  /** Runs what has not been run of both prompts, and compares them. */
  readonly compare: () => void;
  /** Runs the set of prompts and shows the mean. */
  readonly average: () => void;
  /** Asks for a file of prompts. */
  readonly pickPrompts: () => void;
  readonly cancel: () => void;
  readonly copy: (text: string) => void;
  readonly command: (name: PanelCommand) => void;
  readonly openSource: (source: SourceLine) => void;
  /** Exports what is shown. */
  readonly save: (format: 'csv' | PictureFormat) => void;
  /** Exports the tokens that the opened head writes. */
  readonly saveWrites: (format: 'csv' | PictureFormat, writes: HeadWrites) => void;
  /** Shows a line in the status; empty: what it shows at rest. */
  readonly say: (text: string) => void;
}
