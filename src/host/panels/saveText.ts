import { posix } from 'node:path';
import * as vscode from 'vscode';

/** Kinds of files that panels make, for the dialog. */
const kinds: Readonly<Record<string, string>> = { csv: 'Comma-separated values', svg: 'Scalable vector graphics', png: 'PNG picture', html: 'Web page', json: 'JSON', txt: 'Text' };

/** Asks for a place, the model's folder first, and writes: text, or for a .png the bytes that stand in base64. Resolves with whether it was written. */
export async function saveText(model: vscode.Uri, name: string, content: string): Promise<boolean> {
  // A name from a page is a name and nothing else.
  const base = posix.basename(name.replaceAll('\\', '/')) || 'cogscope.txt';
  const extension = posix.extname(base).slice(1);
  const kind = kinds[extension];
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(model, '..', base),
    ...(kind === undefined ? {} : { filters: { [kind]: [extension] } }),
  });
  if (!target) return false;
  await vscode.workspace.fs.writeFile(target, Buffer.from(content, extension === 'png' ? 'base64' : 'utf8'));
  return true;
}
