/** Asks for a file with a prompt a line, and reads it: one of the workspace's, those beside the model first, or any other. */
import * as vscode from 'vscode';
import { CogscopeError } from '../../shared/errors.ts';
import { bytes } from '../../shared/format.ts';
import type { PromptSet } from '../../shared/protocol/panelApi.ts';
import { nameOf } from '../experiments/names.ts';
import { fileItem, notListed } from '../util/fileItem.ts';
import type { FileItem } from '../util/fileItem.ts';
import { isJsonLines, mayHoldPrompts } from './promptLine.ts';
import { promptSet } from './promptSet.ts';

const MOST_FILES = 500;
/** A set of a thousand long prompts is smaller by far. */
const MOST_BYTES = 32 << 20;
const TITLE = 'Average over Prompts';

export async function pickPrompts(model: vscode.Uri): Promise<PromptSet | null> {
  const found = (await vscode.workspace.findFiles('**/*.{txt,jsonl}', notListed, MOST_FILES)).filter((uri) => mayHoldPrompts(nameOf(uri)));
  const beside = vscode.Uri.joinPath(model, '..').path;
  const rank = (uri: vscode.Uri): number => (vscode.Uri.joinPath(uri, '..').path === beside ? 0 : 1);
  const items: FileItem[] = await Promise.all(found.sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path)).map(fileItem));
  const other: FileItem = { label: '$(folder-opened) Choose a File…' };
  const chosen = items.length === 0 ? other : await vscode.window.showQuickPick([...items, { label: '', kind: vscode.QuickPickItemKind.Separator }, other], { title: TITLE, placeHolder: 'A file with a prompt a line', matchOnDescription: true });
  if (!chosen) return null;
  const uri = chosen.uri ?? (await vscode.window.showOpenDialog({ title: TITLE, filters: { Prompts: ['txt', 'jsonl'] } }))?.[0];
  return uri ? readPrompts(uri) : null;
}

async function readPrompts(uri: vscode.Uri): Promise<PromptSet> {
  const name = vscode.workspace.asRelativePath(uri);
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MOST_BYTES) throw new CogscopeError('usage', `${name} has ${bytes(size)}, which is more than a set of prompts`, 'Choose a smaller file');
  // What is typed and not saved counts.
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  const text = open?.getText() ?? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  return promptSet(name, text, isJsonLines(name));
}
