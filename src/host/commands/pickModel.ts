/** Asks for a model: one of the workspace's, or any file. */
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { fileItem, notListed } from '../util/fileItem.ts';
import type { FileItem } from '../util/fileItem.ts';

const MOST = 500;
const other = 'Choose a File…';
const example = 'Open Example';

/** Undefined where a person leaves, or takes the example instead. */
export async function pickModel(title: string): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles('**/*.onnx', notListed, MOST);
  if (found.length === 0) return withoutModels();
  const items: FileItem[] = (await Promise.all(found.map(fileItem))).sort((a, b) => a.label.localeCompare(b.label));
  items.push({ label: '', kind: vscode.QuickPickItemKind.Separator }, { label: `$(folder-opened) ${other}` });
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder: 'Model', matchOnDescription: true });
  if (!chosen) return undefined;
  return chosen.uri ?? chooseFile();
}

async function withoutModels(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showInformationMessage('There is no ONNX model in this workspace.', example, other);
  if (chosen === example) await vscode.commands.executeCommand(commandIds.openExample);
  return chosen === other ? chooseFile() : undefined;
}

async function chooseFile(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({ title: 'Inspect Model', filters: { 'ONNX models': ['onnx'] } });
  return chosen?.[0];
}
