/** Above each prompt of a file: run it; above the first one also which model that is, to choose another. */
import * as vscode from 'vscode';
import { nameOf } from '../experiments/names.ts';
import { commandIds } from '../ids.ts';
import { promptSelector } from './promptFiles.ts';
import type { PromptFiles } from './promptFiles.ts';

/** A file of data has more lines than anybody runs one by one. */
const MOST_LENSES = 300;

export class PromptLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly files: PromptFiles;
  private readonly registration: vscode.Disposable;

  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(files: PromptFiles) {
    this.files = files;
    this.onDidChangeCodeLenses = files.onDidChange;
    this.registration = vscode.languages.registerCodeLensProvider(promptSelector, this);
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const { uri } = document;
    if (!(await this.files.has(uri))) return [];
    const model = await this.files.modelOf(uri);
    const title = model === undefined ? '$(play) Run in a model…' : `$(play) Run in ${nameOf(model)}`;
    const lenses: vscode.CodeLens[] = [];
    for (let line = 0; line < document.lineCount && lenses.length < MOST_LENSES; line++) {
      if (!this.files.lineOf(document, line)) continue;
      const range = new vscode.Range(line, 0, line, 0);
      lenses.push(new vscode.CodeLens(range, { title, tooltip: 'Show the attention of this prompt', command: commandIds.runPromptLine, arguments: [uri, line] }));
      if (lenses.length === 1 && model) lenses.push(new vscode.CodeLens(range, { title: 'Another model…', tooltip: 'Choose the model for this file', command: commandIds.choosePromptModel, arguments: [uri] }));
    }
    return lenses;
  }

  dispose(): void {
    this.registration.dispose();
  }
}
