/** The models that are open, each once however many views show it, and the one that a person is looking at. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import { modelOpenKey } from '../ids.ts';
import { showIfSlow } from '../util/slowProgress.ts';
import { ModelHandle } from './modelHandle.ts';
import type { HandleServices } from './modelHandle.ts';

export interface ModelReference extends vscode.Disposable {
  readonly handle: ModelHandle;
}

interface Entry {
  readonly handle: ModelHandle;
  holders: number;
}

export class Models implements vscode.Disposable {
  private readonly services: HandleServices;
  private readonly entries = new Map<string, Entry>();
  /** Least recently looked at first. */
  private recent: readonly ModelHandle[] = [];
  private readonly focusEmitter = new vscode.EventEmitter<ModelHandle | undefined>();
  private readonly openEmitter = new vscode.EventEmitter<void>();
  /** Engines of models that were closed, until they have ended. */
  private readonly ending = new Set<Promise<void>>();
  private readonly settingsListener: vscode.Disposable;

  /** The model that a person is looking at is another one, or none. */
  readonly onDidChangeFocus = this.focusEmitter.event;
  /** A model was opened or closed. */
  readonly onDidChangeOpen = this.openEmitter.event;

  constructor(services: HandleServices) {
    this.services = services;
    this.settingsListener = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cogscope')) for (const handle of this.all) void handle.rest();
    });
  }

  get all(): readonly ModelHandle[] {
    return [...this.entries.values()].map((entry) => entry.handle);
  }

  /** The open model of a file. */
  of(uri: vscode.Uri): ModelHandle | undefined {
    return this.entries.get(uri.toString())?.handle;
  }

  get focused(): ModelHandle | undefined {
    return this.recent.at(-1);
  }

  /** The model behind a document; its engine runs until the last reference is disposed. */
  acquire(uri: vscode.Uri): ModelReference {
    const key = uri.toString();
    const entry = this.entries.get(key) ?? this.add(key, uri);
    entry.holders++;
    let isHeld = true;
    return {
      handle: entry.handle,
      dispose: () => {
        if (!isHeld) return;
        isHeld = false;
        if (--entry.holders === 0) this.remove(key, entry.handle);
      },
    };
  }

  /** Holds a model for as long as the work lasts, whatever view of it is closed meanwhile. Rejects where it cannot be read. */
  async use<T>(uri: vscode.Uri, work: (handle: ModelHandle) => Promise<T>): Promise<T> {
    const reference = this.acquire(uri);
    try {
      const { state } = await reference.handle.settled();
      if (state.kind === 'error') throw CogscopeError.from(state.error);
      return await work(reference.handle);
    } finally {
      reference.dispose();
    }
  }

  /** A person looks at this model now. */
  focus(handle: ModelHandle): void {
    if (this.focused === handle) return;
    this.recent = [...this.recent.filter((other) => other !== handle), handle];
    this.tellFocus();
  }

  /** Ends every engine. */
  async close(): Promise<void> {
    for (const [key, { handle }] of [...this.entries]) this.remove(key, handle);
    await Promise.all(this.ending);
  }

  dispose(): void {
    this.settingsListener.dispose();
    void this.close();
    this.focusEmitter.dispose();
    this.openEmitter.dispose();
  }

  private add(key: string, uri: vscode.Uri): Entry {
    const entry = { handle: new ModelHandle(uri, this.services), holders: 0 };
    this.entries.set(key, entry);
    this.focus(entry.handle);
    this.openEmitter.fire();
    showIfSlow(`Reading ${entry.handle.title}`, entry.handle.settled(), () => entry.handle.cancel());
    return entry;
  }

  private remove(key: string, handle: ModelHandle): void {
    this.entries.delete(key);
    const wasFocused = this.focused === handle;
    this.recent = this.recent.filter((other) => other !== handle);
    const ended = handle.close().finally(() => this.ending.delete(ended));
    this.ending.add(ended);
    if (wasFocused) this.tellFocus();
    this.openEmitter.fire();
  }

  private tellFocus(): void {
    void vscode.commands.executeCommand('setContext', modelOpenKey, this.focused !== undefined);
    this.focusEmitter.fire(this.focused);
  }
}
