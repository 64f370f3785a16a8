/** From an exporter's record to the line in the person's own file. */
import * as vscode from 'vscode';
import type { SourceLine } from '../../shared/summary.ts';
import { closestPath, fileName, globFor, nearestLine } from './match.ts';

const MOST_CANDIDATES = 200;
const NOT_SOURCES = '**/{node_modules,.git,.venv,venv,site-packages,__pycache__}/**';

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch {
    return false;
  }
}

/** Beside the model, else the file of the workspace whose path ends most like the recorded one. */
async function locate(model: vscode.Uri, recorded: string): Promise<vscode.Uri | undefined> {
  const name = fileName(recorded);
  if (name === '') return undefined;
  const beside = vscode.Uri.joinPath(model, '..', name);
  if (await isFile(beside)) return beside;
  const found = await vscode.workspace.findFiles(globFor(name), NOT_SOURCES, MOST_CANDIDATES);
  const best = closestPath(recorded, found.map((uri) => uri.path));
  return found.find((uri) => uri.path === best);
}

/** Opens the line. Resolves with whether its file was found; a line that is no longer in it is told in a sentence. */
export async function openSourceLine(model: vscode.Uri, source: SourceLine): Promise<boolean> {
  const name = fileName(source.file);
  const uri = await locate(model, source.file);
  if (!uri) return false;
  const document = await vscode.workspace.openTextDocument(uri);
  const lines = document.getText().split(/\r?\n/);
  const line = nearestLine(lines, source.line, source.code);
  const shown = Math.min(line ?? source.line - 1, document.lineCount - 1);
  const range = document.lineAt(Math.max(0, shown)).range;
  const column = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === uri.toString())?.viewColumn;
  await vscode.window.showTextDocument(document, { selection: range, viewColumn: column ?? vscode.ViewColumn.One });
  if (line === undefined) {
    void vscode.window.showInformationMessage(`${name} has changed since the model was exported: no line reads "${source.code.trim()}" any more.`);
  }
  return true;
}
