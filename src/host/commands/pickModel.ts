/** Asks for a model: one of the workspace's, or any file. */
import * as vscode from 'vscode';
import { bytes } from '../../shared/format.ts';
import { commandIds } from '../ids.ts';

const MOST = 500;
const NOT_MODELS = '**/{node_modules,.git,.venv,venv,site-packages}/**';
const other = 'Choose a File…';
const example = 'Open Example';

interface ModelItem extends vscode.QuickPickItem {
  /** Undefined for the item that asks for any file. */
  readonly uri?: vscode.Uri;
}

/** Undefined where a person leaves, or takes the example instead. */
export async function pickModel(title: string): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles('**/*.onnx', NOT_MODELS, MOST);
  if (found.length === 0) return withoutModels();
  const items: ModelItem[] = (await Promise.all(found.map(itemOf))).sort((a, b) => a.label.localeCompare(b.label));
  items.push({ label: '', kind: vscode.QuickPickItemKind.Separator }, { label: `$(folder-opened) ${other}` });
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder: 'Model', matchOnDescription: true });
  if (!chosen) return undefined;
  return chosen.uri ?? chooseFile();
}

async function itemOf(uri: vscode.Uri): Promise<ModelItem> {
  const description = await vscode.workspace.fs.stat(uri).then((stat) => bytes(stat.size), () => '');
  return { label: vscode.workspace.asRelativePath(uri), description, iconPath: vscode.ThemeIcon.File, resourceUri: uri, uri };
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
