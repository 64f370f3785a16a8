/** What was last indexed of each model: kept with the workspace, so that a window that is opened again can say what was not finished. */
import type * as vscode from 'vscode';
import type { TextSource } from '../../shared/neurons/build.ts';
import { list, object, oneOf, text, withOptional } from '../panels/check.ts';

export interface IndexNote {
  /** URI of the model. */
  readonly model: string;
  readonly db: string;
  readonly texts: readonly TextSource[];
  /** `running` in a window that was just opened: it was closed meanwhile. */
  readonly state: 'running' | 'paused' | 'finished';
}

const KEY = 'neuron indexes';
const MOST = 50;
const PATH = 10_000;
const MOST_TEXTS = 10_000;

/** What is read back may stem from another version. */
const checkNotes = list(object<IndexNote>({
  model: text(PATH), db: text(PATH), texts: list(withOptional<{ readonly path: string }, { readonly field: string }>(object({ path: text(PATH) }), { field: text(PATH) }), MOST_TEXTS),
  state: oneOf(['running', 'paused', 'finished']),
}), MOST);

export class IndexMemory {
  private readonly store: vscode.Memento;

  constructor(store: vscode.Memento) {
    this.store = store;
  }

  /** The latest first. */
  get notes(): readonly IndexNote[] {
    try {
      return checkNotes(this.store.get(KEY, []), 'what was indexed');
    } catch {
      return [];
    }
  }

  of(model: vscode.Uri): IndexNote | undefined {
    return this.notes.find((note) => note.model === model.toString());
  }

  async keep(note: IndexNote): Promise<void> {
    await this.store.update(KEY, [note, ...this.notes.filter(({ model }) => model !== note.model)].slice(0, MOST));
  }
}
