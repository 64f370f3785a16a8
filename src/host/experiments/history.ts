/** Runs that are kept with the workspace: a list in its state, and a file with the cells of each in its storage. */
import { createHash, randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { ExperimentOutcome } from '../../shared/experiment/result.ts';
import { flag, list, number, object, orNull, text } from '../panels/check.ts';
import { experiment as checkExperiment } from '../panels/experimentParams.ts';
import { keyOf } from './cellStore.ts';
import { MOST_RUNS, withRun } from './historyIndex.ts';
import type { RunNote } from './historyIndex.ts';
import { outcomeFromJson, outcomeToJson } from './outcomeJson.ts';

const NOTES = 'experiment runs';
const LINE = 10_000;

/** What is read back may stem from another version. */
const checkNotes = list(object<RunNote>({
  id: text(100), at: number, model: text(LINE), file: text(LINE), source: orNull(text(LINE)), key: text(100), title: text(LINE), result: text(LINE),
  passed: number, expected: number, complete: flag, bytes: number,
}), MOST_RUNS);

export interface KeptRun {
  readonly note: RunNote;
  readonly experiment: Experiment;
  readonly outcome: ExperimentOutcome;
}

export type NewRun = Omit<RunNote, 'id' | 'key' | 'bytes'> & Pick<KeptRun, 'experiment' | 'outcome'>;

export const shortKeyOf = (experiment: Experiment): string => createHash('sha256').update(keyOf(experiment)).digest('hex').slice(0, 32);

export class History implements vscode.Disposable {
  private readonly store: vscode.Memento;
  private readonly folder: vscode.Uri;
  private readonly changed = new vscode.EventEmitter<RunNote>();
  /** One after the other: each changes the list that the one before has written. */
  private last: Promise<unknown> = Promise.resolve();

  /** A run was added. */
  readonly onDidAdd = this.changed.event;

  /** `folder` need not be there yet. */
  constructor(store: vscode.Memento, folder: vscode.Uri) {
    this.store = store;
    this.folder = folder;
  }

  /** The latest first. */
  get notes(): readonly RunNote[] {
    try {
      return checkNotes(this.store.get(NOTES, []), 'what was kept');
    } catch {
      return [];
    }
  }

  /** The last run of an experiment's file that came to its end. */
  lastOf(source: vscode.Uri): RunNote | undefined {
    const wanted = source.toString();
    return this.notes.find((note) => note.source === wanted && note.complete);
  }

  add({ experiment, outcome, ...what }: NewRun): Promise<RunNote> {
    const body = Buffer.from(JSON.stringify({ experiment, outcome: outcomeToJson(outcome) }), 'utf8');
    const note: RunNote = { ...what, id: randomUUID(), key: shortKeyOf(experiment), bytes: body.length };
    const added = this.last.then(async () => {
      const { notes, gone } = withRun(this.notes, note);
      if (notes.includes(note)) await vscode.workspace.fs.writeFile(this.fileOf(note.id), body);
      await this.store.update(NOTES, notes);
      // A file that cannot be deleted is in nobody's way.
      await Promise.all(gone.map(({ id }) => vscode.workspace.fs.delete(this.fileOf(id)).then(undefined, () => undefined)));
      this.changed.fire(note);
      return note;
    });
    this.last = added.catch(() => undefined);
    return added;
  }

  /** Undefined where it is no longer kept, or cannot be read. */
  async read(id: string): Promise<KeptRun | undefined> {
    const note = this.notes.find((one) => one.id === id);
    if (!note) return undefined;
    try {
      const json = JSON.parse(Buffer.from(await vscode.workspace.fs.readFile(this.fileOf(id))).toString('utf8')) as { readonly experiment: unknown; readonly outcome: unknown };
      const outcome = outcomeFromJson(json.outcome);
      return outcome && { note, experiment: checkExperiment(json.experiment, 'the kept experiment'), outcome };
    } catch {
      return undefined;
    }
  }

  dispose(): void {
    this.changed.dispose();
  }

  private fileOf(id: string): vscode.Uri {
    return vscode.Uri.joinPath(this.folder, 'runs', `${id}.json`);
  }
}
