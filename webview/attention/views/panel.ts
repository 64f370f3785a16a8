/** What every view of the panel is given. */
import type { Palette } from '../color/palette.ts';
import type { Rgb } from '../color/oklab.ts';
import type { PanelCommand } from '../../../src/shared/protocol/panelApi.ts';
import type { SourceLine } from '../../../src/shared/summary.ts';
import type { Action } from '../model/actions.ts';
import type { State } from '../model/state.ts';
import type { Tiles } from '../effects/tiles.ts';

export interface View {
  readonly element: HTMLElement;
  /** Draws the state. `previous` is what was drawn last; null where everything is new: first paint, another theme or size. */
  update(state: State, previous: State | null): void;
}

/** The colours of the moment. */
export interface Ink {
  readonly palette: Palette;
  /** Background of a token under a share of ink. */
  readonly tint: (share: number) => Rgb;
}

export interface Panel {
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly ink: () => Ink;
  readonly tiles: Tiles;
  readonly run: () => void;
  /** Runs what is typed, or an example where nothing is. */
  readonly runFirst: () => void;
  readonly cancel: () => void;
  readonly copy: (text: string) => void;
  readonly command: (name: PanelCommand) => void;
  readonly openSource: (source: SourceLine) => void;
  /** Exports what is shown. */
  readonly save: (format: 'csv' | 'svg') => void;
  /** Shows a line in the status; empty: what it shows at rest. */
  readonly say: (text: string) => void;
}
