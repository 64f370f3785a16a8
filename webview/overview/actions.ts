/** What the parts of the overview may ask for. */
import type { PanelCommand } from '../../src/shared/protocol/panelApi.ts';
import type { SourceLine } from '../../src/shared/summary.ts';

export interface Actions {
  /** Opens the attention panel, at a head or as it is. */
  openAttention(address: string | null): void;
  runChecks(): void;
  cancelChecks(): void;
  copy(text: string): void;
  openSource(source: SourceLine): void;
  command(name: PanelCommand): void;
}

/** Which sections are folded and which rows are open; remembered by their ids. */
export interface Folds {
  isFolded(id: string): boolean;
  setFolded(id: string, folded: boolean): void;
  isOpen(id: string): boolean;
  setOpen(id: string, open: boolean): void;
}
