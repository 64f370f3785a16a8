/** Above lines of Python: which parts of the open models they made, and a way there. */
import * as vscode from 'vscode';
import { counted } from '../../shared/format.ts';
import { commandIds } from '../ids.ts';
import { pythonSelector } from './codeLinks.ts';
import type { CodeLinks, GuessedClass, LinkedLine, ModelLines } from './codeLinks.ts';
import { settingsFor } from '../settings.ts';
import { calledTitle, lensTitle } from './words.ts';

export class CodeLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly links: CodeLinks;
  private readonly registration: vscode.Disposable;

  readonly onDidChangeCodeLenses: vscode.Event<void>;

  constructor(links: CodeLinks) {
    this.links = links;
    this.onDidChangeCodeLenses = links.onDidChange;
    this.registration = vscode.languages.registerCodeLensProvider(pythonSelector, this);
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!settingsFor(document.uri).codeLenses) return [];
    const models = await this.links.of(document);
    return models.flatMap((model) => [...changedLens(model), ...model.lines.flatMap((line) => lineLens(model, line)), ...model.guesses.map((guess) => guessLens(model, guess))]);
  }

  dispose(): void {
    this.registration.dispose();
  }
}

const at = (line: number): vscode.Range => new vscode.Range(line, 0, line, 0);

function lineLens({ model, title }: ModelLines, { line, record }: LinkedLine): readonly vscode.CodeLens[] {
  const made = lensTitle(record);
  return made === undefined ? [] : [new vscode.CodeLens(at(line), {
    title: `$(eye) ${made} in ${title}`, tooltip: 'Show in the model', command: commandIds.showInModel, arguments: [model, record],
  })];
}

/** Said to be a guess: names are all there is. */
function guessLens({ model, title }: ModelLines, { line, module }: GuessedClass): vscode.CodeLens {
  return new vscode.CodeLens(at(line), {
    title: `$(question) Probably ${calledTitle(module)} in ${title}`, tooltip: `A guess by names: the file has no record of lines, and calls this module ${module.path}`,
    command: commandIds.showInModel, arguments: [model, { made: [], calls: [module] }],
  });
}

/** Honest about a file that is no longer the one that the model was made by. */
function changedLens({ model, title, lines, missing }: ModelLines): readonly vscode.CodeLens[] {
  if (missing.length === 0) return [];
  const told = `${counted(missing.length, 'line')} of ${lines.length + missing.length}`;
  return [new vscode.CodeLens(at(0), {
    title: `$(warning) Changed since ${title} was exported: ${told} ${missing.length === 1 ? 'is' : 'are'} not found as recorded`,
    tooltip: missing.map(({ line, code }) => `line ${line}: ${code}`).join('\n'), command: commandIds.inspectModel, arguments: [model],
  })];
}
