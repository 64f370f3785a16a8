/** The roles that were found of each model's heads: kept with the workspace, for as long as the file is the one that was tested. */
import * as vscode from 'vscode';
import { pairsRoles, repeatsRoles } from '../../shared/roles/roles.ts';
import type { Role, RolesReport } from '../../shared/roles/roles.ts';
import { list, number, object, oneOf, text } from '../panels/check.ts';

/** One role of one head, with the numbers that it was given by. */
export interface NamedHead {
  readonly address: string;
  readonly role: Role;
  readonly attention: number;
  readonly effect: number;
}

interface Note {
  /** URI of the model. */
  readonly model: string;
  readonly bytes: number;
  /** When the file was changed last, ms. */
  readonly changed: number;
  readonly heads: readonly NamedHead[];
}

const KEY = 'roles of heads';
const MOST = 50;
const MOST_HEADS = 100_000;

/** What is read back may stem from another version. */
const checkNotes = list(object<Note>({
  model: text(10_000), bytes: number, changed: number,
  heads: list(object<NamedHead>({ address: text(100), role: oneOf([...repeatsRoles, ...pairsRoles]), attention: number, effect: number }), MOST_HEADS),
}), MOST);

export class RolesMemory implements vscode.Disposable {
  private readonly store: vscode.Memento;
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();

  /** A model whose roles were found anew. */
  readonly onDidChange = this.changed.event;

  constructor(store: vscode.Memento) {
    this.store = store;
  }

  /** Of the file as it is now; empty where it was not tested, or was changed since. */
  async of(model: vscode.Uri): Promise<readonly NamedHead[]> {
    const note = this.notes.find((one) => one.model === model.toString());
    if (!note) return [];
    const now = await identityOf(model);
    return now.bytes === note.bytes && now.changed === note.changed ? note.heads : [];
  }

  async keep(model: vscode.Uri, { findings }: RolesReport): Promise<void> {
    const heads = findings.flatMap(({ role, heads: all }) => all.flatMap(({ address, attention, effect, holds }): readonly NamedHead[] => (holds ? [{ address, role, attention, effect }] : [])));
    const note: Note = { model: model.toString(), ...await identityOf(model), heads };
    await this.store.update(KEY, [note, ...this.notes.filter((one) => one.model !== note.model)].slice(0, MOST));
    this.changed.fire(model);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private get notes(): readonly Note[] {
    try {
      return checkNotes(this.store.get(KEY, []), 'roles of heads');
    } catch {
      return [];
    }
  }
}

async function identityOf(model: vscode.Uri): Promise<Pick<Note, 'bytes' | 'changed'>> {
  return vscode.workspace.fs.stat(model).then(({ size, mtime }) => ({ bytes: size, changed: mtime }), () => ({ bytes: 0, changed: 0 }));
}
