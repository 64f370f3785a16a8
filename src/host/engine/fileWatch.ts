/** Whether a file is still the one that was opened, as far as size, time and identity tell. */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';

/** As the engine compares it; a missing file is null. */
interface Fingerprint {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** A file that is being written tells of it many times; it is looked at when it has come to rest, ms. */
const REST_MS = 250;

export class FileWatch implements vscode.Disposable {
  private readonly path: string;
  private readonly onDiffers: (differs: boolean) => void;
  private readonly disposables: readonly vscode.Disposable[];
  private opened: Fingerprint | null | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(path: string, onDiffers: (differs: boolean) => void) {
    this.path = path;
    this.onDiffers = onDiffers;
    // The file itself and not its pattern: the name may hold characters that mean something in one.
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(dirname(path)), '*'));
    const name = basename(path);
    const look = (uri: vscode.Uri): void => {
      if (basename(uri.fsPath) === name) this.soon();
    };
    this.disposables = [
      watcher,
      watcher.onDidChange(look),
      watcher.onDidCreate(look),
      watcher.onDidDelete(look),
      // A network file system tells of nothing.
      vscode.window.onDidChangeWindowState((state) => state.focused && this.soon()),
    ];
  }

  /** Takes the file as it is now for the one that is opened. */
  async remember(): Promise<void> {
    this.opened = await fingerprint(this.path);
    this.onDiffers(false);
  }

  /** Compares now. */
  async look(): Promise<void> {
    if (this.opened === undefined) return;
    const now = await fingerprint(this.path);
    this.onDiffers(!same(now, this.opened));
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), REST_MS);
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
