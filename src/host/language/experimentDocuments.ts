/** Experiments that are open in editors, read again a moment after they change. */
import * as vscode from 'vscode';
import { openExperiment } from '../../experiments/experimentFile.ts';
import type { ExperimentFile } from '../../experiments/experimentFile.ts';
import type { Range } from '../../experiments/jsonText.ts';
import { SUFFIX } from '../experiments/names.ts';

export const selector: vscode.DocumentSelector = { pattern: `**/*${SUFFIX}` };

/** While somebody types nothing is read, ms. */
const REST_MS = 300;

export interface ReadDocument extends ExperimentFile {
  readonly document: vscode.TextDocument;
  readonly version: number;
}

export const isExperiment = (uri: vscode.Uri): boolean => uri.path.endsWith(SUFFIX);

export const rangeIn = (document: vscode.TextDocument, { offset, length }: Range): vscode.Range => new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));

export class ExperimentDocuments implements vscode.Disposable {
  private readonly read = new Map<string, ReadDocument>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly readEmitter = new vscode.EventEmitter<ReadDocument>();
  private readonly closedEmitter = new vscode.EventEmitter<vscode.Uri>();
  private readonly subscriptions: readonly vscode.Disposable[];

  /** A document was read, at first or again. */
  readonly onDidRead = this.readEmitter.event;
  readonly onDidClose = this.closedEmitter.event;

  constructor() {
    // What an experiment names beside itself comes and goes without it.
    const files = vscode.workspace.createFileSystemWatcher('**/*.{onnx,jsonl,safetensors,npy}');
    const again = (): void => this.again();
    this.subscriptions = [
      this.readEmitter, this.closedEmitter, files, files.onDidCreate(again), files.onDidDelete(again),
      files.onDidChange((uri) => uri.path.endsWith('.jsonl') && again()),
      vscode.workspace.onDidOpenTextDocument((document) => this.soon(document, 0)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.soon(document, REST_MS)),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
    ];
  }

  /** Reads what is open already, once who listens is there. */
  again(): void {
    for (const document of vscode.workspace.textDocuments) this.soon(document, 0);
  }

  /** As it was last read; undefined before that. */
  of(uri: vscode.Uri): ReadDocument | undefined {
    return this.read.get(uri.toString());
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private soon(document: vscode.TextDocument, ms: number): void {
    if (!isExperiment(document.uri)) return;
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.set(key, setTimeout(() => void this.now(document), ms));
  }

  private async now(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const file = await openExperiment(document.uri.fsPath, document.getText());
    if (document.isClosed || version !== document.version) return;
    const read = { ...file, document, version };
    this.read.set(document.uri.toString(), read);
    this.readEmitter.fire(read);
  }

  private forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    if (this.read.delete(key)) this.closedEmitter.fire(document.uri);
  }
}
