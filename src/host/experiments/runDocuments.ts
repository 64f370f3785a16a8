/** Texts of runs and results, in editors of their own, and side by side in the editor's own diff. */
import * as vscode from 'vscode';
import { besidePanel } from '../util/besidePanel.ts';

/** Two sides of so many diffs; older ones are empty when they are shown again. */
const MOST = 64;

export interface SideBySide {
  readonly title: string;
  readonly before: string;
  readonly after: string;
}

export class RunDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = 'cogscope-run';
  private readonly texts = new Map<string, string>();
  private readonly registration: vscode.Disposable;
  private next = 1;

  constructor() {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(RunDocuments.scheme, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? 'This run is no longer kept.\n';
  }

  async diff({ title, before, after }: SideBySide): Promise<void> {
    const [left, right] = [this.put('before.txt', before), this.put('after.txt', after)];
    await vscode.commands.executeCommand('vscode.diff', left, right, title, { viewColumn: besidePanel(), preview: true });
  }

  /** A Markdown text as the editor renders it, beside what is active; as text where the editor's own preview is switched off. */
  async showMarkdown(name: string, text: string): Promise<void> {
    const uri = this.put(name, text);
    try {
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    } catch {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { viewColumn: besidePanel(), preview: true });
    }
  }

  dispose(): void {
    this.registration.dispose();
  }

  private put(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: RunDocuments.scheme, path: `/${this.next++}/${name}` });
    this.texts.set(uri.toString(), text);
    const [oldest] = this.texts.keys();
    if (this.texts.size > MOST && oldest !== undefined) this.texts.delete(oldest);
    return uri;
  }
}
