/** An experiment as a document that has not been saved, beside what is open. */
import * as vscode from 'vscode';
import { relativeTo } from '../../experiments/paths.ts';
import { writePythonFile } from '../../experiments/pythonFile.ts';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import { writeExperiment } from '../../shared/experiment/write.ts';
import { besidePanel } from '../util/besidePanel.ts';
import { SUFFIX } from './names.ts';

const MOST_NAMES = 1000;

/** `near` is the experiment's file, or its model: the new file is proposed in that folder. */
export async function showAsCode(experiment: Experiment, language: 'json' | 'python', near: vscode.Uri): Promise<void> {
  const folder = vscode.Uri.joinPath(near, '..');
  const content = language === 'python'
    ? writePythonFile(experiment, folder.fsPath)
    : writeExperiment(relativeTo(experiment, folder.fsPath));
  const uri = await freeName(folder, experiment.kind, language === 'python' ? '.py' : SUFFIX);
  const document = await vscode.workspace.openTextDocument(uri.with({ scheme: 'untitled' }));
  // Before it has text: a changed document that no editor shows yet is opened by VS Code itself, in the panel's column.
  await vscode.window.showTextDocument(document, { viewColumn: besidePanel(), preview: false });
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), content);
  await vscode.workspace.applyEdit(edit);
}

/** A name that no file and no document has. */
async function freeName(folder: vscode.Uri, base: string, suffix: string): Promise<vscode.Uri> {
  for (let number = 1; number < MOST_NAMES; number++) {
    const uri = vscode.Uri.joinPath(folder, `${base}${number === 1 ? '' : `-${number}`}${suffix}`);
    const isOpen = vscode.workspace.textDocuments.some((document) => document.uri.path === uri.path);
    const isThere = await vscode.workspace.fs.stat(uri).then(() => true, () => false);
    if (!isOpen && !isThere) return uri;
  }
  return vscode.Uri.joinPath(folder, `${base}-${Date.now()}${suffix}`);
}
