/** Work that a person sees going on, and can cancel. */
import * as vscode from 'vscode';

export type Bar = vscode.Progress<{ readonly message?: string; readonly increment?: number }>;

export async function withBar<T>(title: string, work: (bar: Bar, signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (bar, token) => {
    token.onCancellationRequested(() => controller.abort());
    return work(bar, controller.signal);
  });
}
