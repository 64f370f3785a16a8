/** From an exporter's record to the line in the person's own file. */
import * as vscode from 'vscode';
import type { NamedModule } from '../../shared/sourceMap.ts';
import type { SourceLine } from '../../shared/summary.ts';
import { besidePanel } from '../util/besidePanel.ts';
import { textLines } from './align.ts';
import { findLine } from './findLine.ts';
import { classOf } from './guess.ts';
import { locateModules, locateSource } from './locate.ts';
import { fileName } from './match.ts';
import { changeText } from './words.ts';

/**
 * Opens the line; `recorded` are the lines of all files that the model's record names. Resolves with whether its file was found; what is not as it was
 * recorded is told in a sentence.
 */
export async function openSourceLine(model: vscode.Uri, source: SourceLine, recorded: readonly SourceLine[]): Promise<boolean> {
  const ofFile = recorded.filter(({ file }) => file === source.file);
  const located = await locateSource(model, source.file, ofFile.length > 0 ? ofFile : [source]);
  if (!located) return false;
  const { uri, renamed } = located;
  const document = await vscode.workspace.openTextDocument(uri);
  const { kind, line } = findLine(source, ofFile, textLines(document.getText()));
  await showLine(document, line);
  const told = changeText(kind, renamed ? fileName(uri.path) : undefined, source);
  if (told !== undefined) void vscode.window.showInformationMessage(told);
  return true;
}

/**
 * Of a model without a record: opens the class that the module of a part may be, by its name, and says that it is a guess. Resolves with whether there
 * is such a class.
 */
export async function openGuessedClass(model: vscode.Uri, part: NamedModule, modules: readonly NamedModule[]): Promise<boolean> {
  const uri = await locateModules(model, modules);
  if (!uri) return false;
  const document = await vscode.workspace.openTextDocument(uri);
  const found = classOf(textLines(document.getText()), part.path);
  if (!found) return false;
  await showLine(document, found.line);
  void vscode.window.showInformationMessage(`A guess by names: the model has no record of lines, and calls this module ${part.path}, which may be the class ${found.name}.`);
  return true;
}

/** A panel that a line is asked for from stays on show. */
function freeColumn(): vscode.ViewColumn {
  return vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview ? besidePanel() : vscode.ViewColumn.One;
}

async function showLine(document: vscode.TextDocument, line: number): Promise<void> {
  const column = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === document.uri.toString())?.viewColumn;
  // At its beginning: a selection of a long line would move the text aside.
  const start = new vscode.Position(line, document.lineAt(line).firstNonWhitespaceCharacterIndex);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start), viewColumn: column ?? freeColumn() });
}
