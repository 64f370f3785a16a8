/** Progress with cancel for work that turns out to take more than a moment. */
import * as vscode from 'vscode';

/** Work that is done by then shows nothing, ms. */
const MOMENT_MS = 1500;

export function showIfSlow(title: string, work: Promise<unknown>, cancel: () => void): void {
  const over = work.then(() => undefined, () => undefined); // Whoever asked for it hears how it ended.
  const timer = setTimeout(() => {
    void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (_, token) => {
      token.onCancellationRequested(cancel);
      return over;
    });
  }, MOMENT_MS);
  void over.then(() => clearTimeout(timer));
}
