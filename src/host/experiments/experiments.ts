/** Runs experiments for whoever asks: panel, CodeLens, Testing view. Cells are kept while they arrive, and every run goes into the history. */
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import { counted } from '../../shared/format.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { judge } from '../../shared/experiment/expect.ts';
import type { ExperimentOutcome, ExperimentProgress } from '../../shared/experiment/result.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { CellStore } from './cellStore.ts';
import { shortKeyOf } from './history.ts';
import type { History } from './history.ts';
import { runToEnd } from './runToEnd.ts';
import { firstOf, titleOf } from './words.ts';

export interface ExperimentRun {
  readonly handle: ModelHandle;
  readonly experiment: Experiment;
  /** The file that it stands in. */
  readonly source: vscode.Uri | null;
  /** Cells that are kept of the same experiment are not run again. */
  readonly resume: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (progress: ExperimentProgress) => void;
}

interface Cells {
  /** The model file that they were run on, as far as its size, time and identity tell. */
  readonly file: string;
  readonly store: CellStore;
}

interface ToRecord extends Pick<Cells, 'file'> {
  readonly model: vscode.Uri;
  readonly experiment: Experiment;
  readonly source: vscode.Uri | null;
  readonly outcome: ExperimentOutcome;
  readonly complete: boolean;
}

/** Experiments whose cells are at hand. */
const MOST_AT_HAND = 16;

/** Progress by cells is told no more often, ms. */
const TELL_MS = 500;

export class Experiments implements vscode.Disposable {
  private readonly history: History;
  /** By model and experiment; the latest last. */
  private readonly atHand = new Map<string, Cells>();
  /** What is being run of each file, in words. */
  private readonly running = new Map<string, string>();
  private readonly runningEmitter = new vscode.EventEmitter<void>();

  /** What is said of running experiments is another. */
  readonly onDidChangeRunning = this.runningEmitter.event;

  constructor(history: History) {
    this.history = history;
  }

  async run({ handle, experiment, source, resume, signal, progress = () => undefined }: ExperimentRun): Promise<ExperimentOutcome> {
    const absolute = { ...experiment, model: handle.uri.fsPath };
    const file = await identityOf(handle.uri);
    const store = (resume ? await this.cellsOf(handle.uri, experiment, file) : undefined) ?? new CellStore();
    this.put(placeOf(handle.uri, experiment), { file, store });
    const told = this.teller(source);
    try {
      const outcome = await runToEnd({
        call: (params, options) => handle.call('experiment', params, options), experiment: absolute, cells: store, signal,
        progress: (step) => {
          told.take(step);
          progress(step);
        },
      });
      await this.record({ model: handle.uri, file, experiment: absolute, source, outcome, complete: true });
      return outcome;
    } catch (error) {
      // What was run before a cancel is worth keeping.
      const { outcome } = store;
      if (outcome && store.known && CogscopeError.describe(error).code === 'cancelled') await this.record({ model: handle.uri, file, experiment: absolute, source, outcome, complete: store.isComplete });
      throw error;
    } finally {
      told.end();
    }
  }

  /** "Running 40 of 180 cells"; undefined where the file's experiment does not run. */
  runningOf(source: vscode.Uri): string | undefined {
    return this.running.get(source.toString());
  }

  dispose(): void {
    this.runningEmitter.dispose();
  }

  /** What is kept of an experiment on a model as it lies on the disk now: its cells so far, else its last run in the history. */
  async outcomeOf(model: vscode.Uri, experiment: Experiment): Promise<ExperimentOutcome | null> {
    return (await this.cellsOf(model, experiment, await identityOf(model)))?.outcome ?? null;
  }

  /** Takes a run of the history for what is at hand, so that the panel that shows it may go on with it. */
  async take(model: vscode.Uri, experiment: Experiment, outcome: ExperimentOutcome): Promise<void> {
    this.put(placeOf(model, experiment), { file: await identityOf(model), store: CellStore.of(outcome) });
  }

  private teller(source: vscode.Uri | null): { readonly take: (step: ExperimentProgress) => void; readonly end: () => void } {
    if (!source) return { take: () => undefined, end: () => undefined };
    const key = source.toString();
    let last = 0;
    const tell = (text: string): void => {
      this.running.set(key, text);
      if (Date.now() - last < TELL_MS) return;
      last = Date.now();
      this.runningEmitter.fire();
    };
    tell('Running');
    return {
      take: (step) => {
        if (step.kind === 'cells') tell(`Running: ${step.done} of ${counted(step.of, 'cell')}`);
      },
      end: () => {
        this.running.delete(key);
        this.runningEmitter.fire();
      },
    };
  }

  private async cellsOf(model: vscode.Uri, experiment: Experiment, file: string): Promise<CellStore | undefined> {
    const at = this.atHand.get(placeOf(model, experiment));
    if (at) return at.file === file ? at.store : undefined;
    const key = shortKeyOf(experiment);
    const note = this.history.notes.find((one) => one.key === key && one.model === model.toString() && one.file === file);
    const kept = note && (await this.history.read(note.id));
    return kept && CellStore.of(kept.outcome);
  }

  private async record({ model, file, experiment, source, outcome, complete }: ToRecord): Promise<void> {
    const verdicts = complete ? judge(experiment.expect, { frame: outcome.frame, values: outcome }) : [];
    await this.history.add({
      at: Date.now(), model: model.toString(), file, source: source?.toString() ?? null, title: titleOf(experiment), result: firstOf(outcome),
      passed: verdicts.filter(({ passed }) => passed).length, expected: verdicts.length, complete, experiment, outcome,
    });
  }

  private put(place: string, cells: Cells): void {
    this.atHand.delete(place);
    this.atHand.set(place, cells);
    const [oldest] = this.atHand.keys();
    if (this.atHand.size > MOST_AT_HAND && oldest !== undefined) this.atHand.delete(oldest);
  }
}

const placeOf = (model: vscode.Uri, experiment: Experiment): string => `${model.toString()} ${shortKeyOf(experiment)}`;

/** As the engine compares files; empty where there is none, and then nothing runs either. */
async function identityOf(model: vscode.Uri): Promise<string> {
  const found = await stat(model.fsPath).catch(() => undefined);
  return found ? `${found.size} ${found.mtimeMs} ${found.ino}` : '';
}
