/** Whether a model's file, and the files that its weights lie in, are still those that were opened, as far as size, time and identity tell. */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type * as vscode from 'vscode';
import { AtRest, onFocus, watchFolder } from '../util/fileEvents.ts';

/** As the engine compares it; a missing file is null. */
interface Fingerprint {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

export class FileWatch implements vscode.Disposable {
  private readonly path: string;
  private readonly onDiffers: (differs: boolean) => void;
  private readonly rest = new AtRest(() => this.look());
  private readonly windowListener: vscode.Disposable;
  /** By folder. */
  private readonly watchers = new Map<string, vscode.Disposable>();
  /** By path, as they were when they were opened. */
  private opened: ReadonlyMap<string, Fingerprint | null> = new Map();

  constructor(path: string, onDiffers: (differs: boolean) => void) {
    this.path = path;
    this.onDiffers = onDiffers;
    this.windowListener = onFocus(() => this.rest.soon());
    this.watchFolder(dirname(path));
  }

  /** Takes the model's file as it is now for the one that is opened; which files its weights lie in is told once it is read. */
  async remember(): Promise<void> {
    this.opened = new Map([[this.path, await fingerprint(this.path)]]);
    this.onDiffers(false);
  }

  /** Takes files that weights lie in as they are now for those that are opened. */
  async rememberData(paths: readonly string[]): Promise<void> {
    const prints = await Promise.all(paths.map(async (path) => [path, await fingerprint(path)] as const));
    this.opened = new Map([...this.opened, ...prints]);
    for (const path of paths) this.watchFolder(dirname(path));
  }

  /** Compares now. */
  async look(): Promise<void> {
    const { opened } = this;
    if (opened.size === 0) return;
    const isSame = await Promise.all([...opened].map(async ([path, before]) => same(await fingerprint(path), before)));
    // While they were looked at the model may have been read anew.
    if (opened !== this.opened) return this.look();
    this.onDiffers(isSame.includes(false));
  }

  dispose(): void {
    for (const disposable of [this.rest, this.windowListener, ...this.watchers.values()]) disposable.dispose();
  }

  private watchFolder(folder: string): void {
    if (this.watchers.has(folder)) return;
    this.watchers.set(folder, watchFolder(folder, ({ fsPath }) => this.names.has(basename(fsPath)) && this.rest.soon()));
  }

  private get names(): ReadonlySet<string> {
    return new Set([this.path, ...this.opened.keys()].map((path) => basename(path)));
  }
}

async function fingerprint(path: string): Promise<Fingerprint | null> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    return { size, mtimeMs, ino };
  } catch {
    return null;
  }
}

const same = (a: Fingerprint | null, b: Fingerprint | null): boolean =>
  a === b || (a !== null && b !== null && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino);
