/** From an exporter's record to the line in the person's own file. */
import * as vscode from 'vscode';
import type { SourceLine } from '../../shared/summary.ts';
import { findLine, textLines } from './align.ts';
import { locateSource } from './locate.ts';
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
  const column = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === uri.toString())?.viewColumn;
  // At its beginning: a selection of a long line would move the text aside.
  const start = new vscode.Position(line, document.lineAt(line).firstNonWhitespaceCharacterIndex);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(start, start), viewColumn: column ?? vscode.ViewColumn.One });
  const told = changeText(kind, renamed ? fileName(uri.path) : undefined, source);
  if (told !== undefined) void vscode.window.showInformationMessage(told);
  return true;
}
