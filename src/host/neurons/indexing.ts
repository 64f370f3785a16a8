/** Makes indexes of neurons for whoever asks: one at a time of each model, with progress that pauses and a note of what was not finished. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import type { DescriptionsImported } from '../../shared/neurons/described.ts';
import type { NeuronForecast, NeuronIndexParams, NeuronIndexProgress, NeuronIndexResult, TextSource } from '../../shared/neurons/build.ts';
import { requireTrust } from '../engine/modelHandle.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { settingsFor } from '../settings.ts';
import type { Bar } from '../util/progressBar.ts';
import type { IndexMemory } from './indexMemory.ts';
import { indexToEnd } from './indexToEnd.ts';
import { indexPath } from './place.ts';
import { progressLine } from './words.ts';

export interface IndexJob {
  readonly handle: ModelHandle;
  readonly texts: readonly TextSource[];
  /** In place of an index that cannot be gone on with. */
  readonly rebuild: boolean;
}

export class NeuronIndexing implements vscode.Disposable {
  readonly memory: IndexMemory;
  private readonly running = new Map<string, AbortController>();
  private readonly changedEmitter = new vscode.EventEmitter<vscode.Uri>();

  /** The index of a model has more in it, is done, or was changed by another program. */
  readonly onDidChange = this.changedEmitter.event;

  constructor(memory: IndexMemory) {
    this.memory = memory;
  }

  placeOf(model: vscode.Uri): string {
    const workspace = (vscode.workspace.getWorkspaceFolder(model) ?? vscode.workspace.workspaceFolders?.[0])?.uri.fsPath;
    return indexPath({ model: model.fsPath, workspace, folder: settingsFor(model).neuronIndexFolder });
  }

  /** Something lies there; whether it is of this model the engine says. */
  isThere(model: vscode.Uri): boolean {
    return existsSync(this.placeOf(model));
  }

  isRunning(model: vscode.Uri): boolean {
    return this.running.has(model.toString());
  }

  /** Another program wrote to the index of a model. One that is being made here is told of step by step. */
  noteChange(model: vscode.Uri): void {
    if (!this.isRunning(model)) this.changedEmitter.fire(model);
  }

  /** What is committed stays. */
  pause(model: vscode.Uri): void {
    this.running.get(model.toString())?.abort();
  }

  /** Size and time, from a small run. Rejects with 'refused' where an index of something else lies there. */
  async foretell({ handle, texts, rebuild }: IndexJob, signal: AbortSignal): Promise<NeuronForecast & { readonly finished: boolean }> {
    const db = await this.folderFor(handle.uri);
    const { forecast, finished } = await handle.call('indexNeurons', { db, texts, rebuild, dry: true }, { signal });
    return { ...forecast, finished };
  }

  /** Takes what others say of neurons into the index of a model. */
  async importDescriptions(handle: ModelHandle, file: string): Promise<DescriptionsImported> {
    requireTrust();
    const made = await handle.call('importDescriptions', { db: this.placeOf(handle.uri), file });
    this.changedEmitter.fire(handle.uri);
    return made;
  }

  /** Resolves when all is indexed; rejects with 'cancelled' where it was paused. */
  async make(job: IndexJob): Promise<NeuronIndexResult> {
    const { handle, texts } = job;
    const key = handle.uri.toString();
    const note = { model: key, db: await this.folderFor(handle.uri), texts };
    if (this.isRunning(handle.uri)) throw new CogscopeError('refused', `The neurons of ${handle.title} are being indexed`, 'Wait for it, or pause it');
    const controller = new AbortController();
    this.running.set(key, controller);
    await this.memory.keep({ ...note, state: 'running' });
    let state: 'paused' | 'finished' = 'paused';
    try {
      const params: NeuronIndexParams = { db: note.db, texts, rebuild: job.rebuild };
      const result = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: `Indexing neurons of ${handle.title}`, cancellable: true },
        (bar, token) => {
          token.onCancellationRequested(() => controller.abort());
          return indexToEnd({
            call: (given, options) => handle.call('indexNeurons', given, options), params, signal: controller.signal,
            progress: this.teller(handle, bar), again: () => bar.report({ message: 'the engine ended; another one goes on' }),
          });
        });
      state = 'finished';
      return result;
    } finally {
      this.running.delete(key);
      await this.memory.keep({ ...note, state });
      this.changedEmitter.fire(handle.uri);
    }
  }

  dispose(): void {
    for (const controller of this.running.values()) controller.abort();
    this.changedEmitter.dispose();
  }

  private teller(handle: ModelHandle, bar: Bar): (step: NeuronIndexProgress) => void {
    let shown = 0;
    return (step) => {
      const share = step.kind === 'tokens' && step.of > 0 ? (100 * step.tokens) / step.of : shown;
      bar.report({ message: progressLine(step), increment: Math.max(0, share - shown) });
      shown = Math.max(shown, share);
      if (step.kind === 'tokens') this.changedEmitter.fire(handle.uri);
    };
  }

  /** The index's path, once its folder is there. What lies in it can be made again and is large: git is told to leave it. */
  private async folderFor(model: vscode.Uri): Promise<string> {
    requireTrust();
    const db = this.placeOf(model);
    try {
      const first = await mkdir(dirname(db), { recursive: true });
      if (first !== undefined) await writeFile(join(first, '.gitignore'), '*\n');
    } catch (error) {
      throw new CogscopeError('unreadable', 'The folder of the index cannot be made', 'Name another one in the setting cogscope.neuronIndexFolder', dirname(db), String(error));
    }
    return db;
  }
}
