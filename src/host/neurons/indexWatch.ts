/** Tells of indexes of open models that another program wrote to: the command line, a second window. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { whyNoFile } from '../engine/location.ts';
import type { Models } from '../engine/models.ts';
import { AtRest, onFocus, watchFolder } from '../util/fileEvents.ts';
import type { NeuronIndexing } from './indexing.ts';
import { isOfIndex, printOf } from './indexFiles.ts';

export class IndexWatch implements vscode.Disposable {
  private readonly models: Models;
  private readonly indexing: NeuronIndexing;
  /** By the model. */
  private readonly watched = new Map<string, WatchedIndex>();
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(models: Models, indexing: NeuronIndexing) {
    this.models = models;
    this.indexing = indexing;
    this.subscriptions = [
      models.onDidChangeOpen(() => this.follow()), vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('cogscope') && this.follow()),
      // What was done here, or was told already, is known.
      indexing.onDidChange((model) => this.watched.get(model.toString())?.remember()),
    ];
    this.follow();
  }

  dispose(): void {
    for (const disposable of [...this.subscriptions, ...this.watched.values()]) disposable.dispose();
  }

  private follow(): void {
    const places = new Map(this.models.all.filter(({ uri }) => !whyNoFile(uri.scheme)).map(({ uri }) => [uri.toString(), { uri, db: this.indexing.placeOf(uri) }]));
    for (const [model, index] of this.watched) {
      if (places.get(model)?.db === index.db) continue;
      index.dispose();
      this.watched.delete(model);
    }
    for (const [model, { uri, db }] of places) if (!this.watched.has(model)) this.watched.set(model, new WatchedIndex(db, () => this.indexing.noteChange(uri)));
  }
}

class WatchedIndex implements vscode.Disposable {
  readonly db: string;
  private readonly tell: () => void;
  private readonly subscriptions: readonly vscode.Disposable[];
  private print: Promise<string | undefined>;

  constructor(db: string, tell: () => void) {
    this.db = db;
    this.tell = tell;
    this.print = printOf(db);
    const rest = new AtRest(() => this.look());
    this.subscriptions = [rest, onFocus(() => rest.soon()), watchFolder(dirname(db), ({ fsPath }) => isOfIndex(db, fsPath) && rest.soon())];
  }

  remember(): void {
    this.print = printOf(this.db);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async look(): Promise<void> {
    const [before, now] = [this.print, printOf(this.db)];
    this.print = now;
    if ((await before) !== (await now)) this.tell();
  }
}
