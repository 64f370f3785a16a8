/** Files of the workspace, to choose one of. */
import * as vscode from 'vscode';
import { bytes } from '../../shared/format.ts';

export interface FileItem extends vscode.QuickPickItem {
  /** Undefined for the item that asks for any file. */
  readonly uri?: vscode.Uri;
}

/** Folders of files that are not a person's own. */
export const notListed = '**/{node_modules,.git,.venv,venv,site-packages,.cogscope}/**';

/** By its place in the workspace, with its size. */
export async function fileItem(uri: vscode.Uri): Promise<FileItem> {
  const description = await vscode.workspace.fs.stat(uri).then((stat) => bytes(stat.size), () => '');
  return { label: vscode.workspace.asRelativePath(uri), description, iconPath: vscode.ThemeIcon.File, resourceUri: uri, uri };
}
