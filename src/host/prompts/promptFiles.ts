/** Files with a prompt a line, and the model that each runs its prompts in. */
import * as vscode from 'vscode';
import type { Models } from '../engine/models.ts';
import { nameOf } from '../experiments/names.ts';
import { settingsFor } from '../settings.ts';
import { isJsonLines, mayHoldPrompts, promptOf } from './promptLine.ts';
import type { PromptLine } from './promptLine.ts';

export const promptSelector: vscode.DocumentSelector = { pattern: '**/*.{txt,jsonl}', scheme: 'file' };

/** A file that names a model of its own is forgotten when so many others were used since. */
const MOST_KEPT = 200;
const KEY = 'models of prompt files';

export class PromptFiles implements vscode.Disposable {
  private readonly models: Models;
  private readonly store: vscode.Memento;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: readonly vscode.Disposable[];

  /** Whether files are taken for prompts, or for which model, may be another answer now. */
  readonly onDidChange = this.changed.event;

  constructor(models: Models, store: vscode.Memento) {
    this.models = models;
    this.store = store;
    const tell = (): void => this.changed.fire();
    const files = vscode.workspace.createFileSystemWatcher('**/*.onnx', false, true, false);
    this.subscriptions = [
      this.changed, files, files.onDidCreate(tell), files.onDidDelete(tell), models.onDidChangeOpen(tell),
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('cogscope') && tell()),
    ];
  }

  /** Whether prompts are expected in a file: a model lies beside it, or one is open, or the settings say so. */
  async has(uri: vscode.Uri): Promise<boolean> {
    const { promptLenses } = settingsFor(uri);
    if (promptLenses === 'never' || !mayHoldPrompts(nameOf(uri))) return false;
    return promptLenses === 'always' || this.models.all.length > 0 || (await modelsBeside(uri)).length > 0;
  }

  lineOf(document: vscode.TextDocument, line: number): PromptLine | undefined {
    return promptOf(document.lineAt(line).text, isJsonLines(nameOf(document.uri)));
  }

  /** The model that was chosen for the file, else the only one that can be meant: beside it, else open. */
  async modelOf(uri: vscode.Uri): Promise<vscode.Uri | undefined> {
    const kept = this.kept[uri.toString()];
    if (kept !== undefined) {
      const model = vscode.Uri.parse(kept, true);
      if (await exists(model)) return model;
    }
    const beside = await modelsBeside(uri);
    const candidates = beside.length > 0 ? beside : this.models.all.map((handle) => handle.uri);
    return candidates.length === 1 ? candidates[0] : undefined;
  }

  async choose(uri: vscode.Uri, model: vscode.Uri): Promise<void> {
    const entries = Object.entries(this.kept).filter(([file]) => file !== uri.toString()).slice(-MOST_KEPT + 1);
    await this.store.update(KEY, Object.fromEntries([...entries, [uri.toString(), model.toString()]]));
    this.changed.fire();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** What is read back may stem from another version. */
  private get kept(): Readonly<Record<string, string>> {
    const kept = this.store.get<unknown>(KEY);
    if (kept === null || typeof kept !== 'object') return {};
    return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  }
}

async function modelsBeside(uri: vscode.Uri): Promise<readonly vscode.Uri[]> {
  const folder = vscode.Uri.joinPath(uri, '..');
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    return entries.filter(([name, type]) => name.endsWith('.onnx') && (type & vscode.FileType.Directory) === 0).map(([name]) => vscode.Uri.joinPath(folder, name));
  } catch {
    return [];
  }
}

const exists = (uri: vscode.Uri): Promise<boolean> => Promise.resolve(vscode.workspace.fs.stat(uri)).then(() => true, () => false);
