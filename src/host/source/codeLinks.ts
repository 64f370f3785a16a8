/** Which lines of a file made which parts of the models that are open. */
import * as vscode from 'vscode';
import type { MadeLine, NamedModule, SourceMap } from '../../shared/sourceMap.ts';
import type { SourceLine } from '../../shared/summary.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { alignLines, textLines } from './align.ts';
import { classOf } from './guess.ts';
import type { ClassPlace } from './guess.ts';
import { locateModules, locateSource } from './locate.ts';
import type { LocatedFile } from './locate.ts';

export const pythonSelector: vscode.DocumentSelector = { language: 'python', scheme: 'file' };

/** A line of a document, from 0, and what it made in a model. */
export interface LinkedLine {
  readonly line: number;
  readonly record: MadeLine;
}

/** A class of a document, from its line on, and the module of a model that it may be. */
export interface GuessedClass extends ClassPlace {
  readonly module: NamedModule;
}

/** What a document's lines made in one model. */
export interface ModelLines {
  readonly model: vscode.Uri;
  readonly title: string;
  readonly lines: readonly LinkedLine[];
  /** Classes that modules of the model are by their names alone, where it has no record of lines. */
  readonly guesses: readonly GuessedClass[];
  /** Recorded lines that no line of the document reads like any more. */
  readonly missing: readonly MadeLine[];
}

/** What is known of one open model. */
interface Known {
  readonly handle: ModelHandle;
  readonly listener: vscode.Disposable;
  /** The summary that the map goes with. */
  summary: unknown;
  map: Promise<SourceMap>;
  readonly files: Map<string, Promise<LocatedFile | undefined>>;
  /** The file that a model without a record may be from. */
  guessed: Promise<vscode.Uri | undefined> | undefined;
}

const nothing: SourceMap = { lines: [], modules: [] };

export class CodeLinks implements vscode.Disposable {
  private readonly models: Models;
  private readonly known = new Map<ModelHandle, Known>();
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: readonly vscode.Disposable[];
  /** Of documents as they are: lenses and hints ask for the same, hints each time that the text is scrolled. */
  private found = new WeakMap<vscode.TextDocument, { readonly version: number; readonly models: Promise<readonly ModelLines[]> }>();

  /** What lines made has to be asked for anew. */
  readonly onDidChange = this.changed.event;

  constructor(models: Models) {
    this.models = models;
    const sources = vscode.workspace.createFileSystemWatcher('**/*.py', false, true, false);
    const forget = (): void => this.forgetFiles();
    const settings = vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('cogscope') && this.renew());
    this.subscriptions = [this.changed, settings, sources, sources.onDidCreate(forget), sources.onDidDelete(forget), models.onDidChangeOpen(() => this.follow())];
    this.follow();
  }

  /** Models with lines in this document, in the order in which they were opened. */
  of(document: vscode.TextDocument): Promise<readonly ModelLines[]> {
    const { version } = document;
    const before = this.found.get(document);
    if (before?.version === version) return before.models;
    const models = this.find(document);
    this.found.set(document, { version, models });
    return models;
  }

  dispose(): void {
    for (const { listener } of this.known.values()) listener.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async find(document: vscode.TextDocument): Promise<readonly ModelLines[]> {
    const all = await Promise.all([...this.known.values()].map((known) => this.ofModel(known, document)));
    return all.filter((found) => found !== undefined);
  }

  private follow(): void {
    const open = new Set(this.models.all);
    for (const [handle, { listener }] of this.known) {
      if (open.has(handle)) continue;
      listener.dispose();
      this.known.delete(handle);
      this.renew();
    }
    for (const handle of open) {
      if (this.known.has(handle)) continue;
      const known: Known = { handle, summary: undefined, map: Promise.resolve(nothing), files: new Map(), guessed: undefined, listener: handle.onDidChange(() => this.ask(known)) };
      this.known.set(handle, known);
      this.ask(known);
    }
  }

  /** Asks for the record of each new reading of the model. */
  private ask(known: Known): void {
    const { state } = known.handle.model;
    const summary = state.kind === 'open' ? state.summary : undefined;
    if (known.summary === summary) return;
    known.summary = summary;
    known.files.clear();
    known.guessed = undefined;
    // A model whose engine has gone has no lines.
    known.map = summary ? known.handle.call('sourceMap', {}).catch(() => nothing) : Promise.resolve(nothing);
    this.found = new WeakMap();
    void known.map.then(() => this.renew());
  }

  private renew(): void {
    this.found = new WeakMap();
    this.changed.fire();
  }

  private forgetFiles(): void {
    for (const known of this.known.values()) {
      known.files.clear();
      known.guessed = undefined;
    }
    this.renew();
  }

  private locate(handle: ModelHandle, file: string, recorded: readonly SourceLine[]): Promise<LocatedFile | undefined> {
    const files = this.known.get(handle)?.files;
    const located = files?.get(file) ?? locateSource(handle.uri, file, recorded);
    files?.set(file, located);
    return located;
  }

  private async ofModel(known: Known, document: vscode.TextDocument): Promise<ModelLines | undefined> {
    const { handle, map } = known;
    const { lines } = await map;
    if (lines.length === 0) return this.guessed(known, document);
    const found: LinkedLine[] = [];
    const missing: MadeLine[] = [];
    for (const file of new Set(lines.map((line) => line.file))) {
      const recorded = lines.filter((line) => line.file === file);
      const located = await this.locate(handle, file, recorded);
      if (located?.uri.toString() !== document.uri.toString()) continue;
      const aligned = alignLines(recorded, textLines(document.getText()));
      for (const record of recorded) {
        const line = aligned.get(record);
        if (line === undefined) missing.push(record);
        else found.push({ line, record });
      }
    }
    return found.length === 0 ? undefined : { model: handle.uri, title: handle.title, lines: found, guesses: [], missing };
  }

  private async guessed(known: Known, document: vscode.TextDocument): Promise<ModelLines | undefined> {
    const { modules } = await known.map;
    known.guessed ??= locateModules(known.handle.uri, modules);
    if ((await known.guessed)?.toString() !== document.uri.toString()) return undefined;
    const text = textLines(document.getText());
    const guesses = modules.flatMap((module) => {
      const found = classOf(text, module.path);
      return found ? [{ ...found, module }] : [];
    });
    return { model: known.handle.uri, title: known.handle.title, lines: [], guesses, missing: [] };
  }
}
