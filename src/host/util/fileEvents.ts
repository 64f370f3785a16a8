/** What the editor tells of files, once they have come to rest. */
import * as vscode from 'vscode';

/** A file that is being written tells of it many times, ms. */
const REST_MS = 250;

/** Looks when nothing was told for a moment. */
export class AtRest implements vscode.Disposable {
  private readonly look: () => unknown;
  private timer: NodeJS.Timeout | undefined;

  constructor(look: () => unknown) {
    this.look = look;
  }

  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), REST_MS);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}

/** Tells of each file of a folder, that need not be there yet, which is made, written or taken away. */
export function watchFolder(folder: string, told: (file: vscode.Uri) => void): vscode.Disposable {
  // All files and not a pattern: names may hold characters that mean something in one.
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), '*'));
  return vscode.Disposable.from(watcher, watcher.onDidChange(told), watcher.onDidCreate(told), watcher.onDidDelete(told));
}

/** A network file system tells of nothing: whoever comes back to the window is told then. */
export const onFocus = (told: () => void): vscode.Disposable => vscode.window.onDidChangeWindowState(({ focused }) => focused && told());
