/** Progress with cancel for work that turns out to take more than a moment. */
import * as vscode from 'vscode';

/** Work that is done by then shows nothing, ms. */
const MOMENT_MS = 1000;

/** Gives the work a signal that is aborted by the caller's, or by a person. */
export async function withSlowProgress<T>(title: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const result = work(AbortSignal.any([signal, controller.signal]));
  const timer = setTimeout(() => {
    void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (_, token) => {
      token.onCancellationRequested(() => controller.abort());
      await result.catch(() => undefined); // Whoever called hears of it.
    });
  }, MOMENT_MS);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
  }
}
