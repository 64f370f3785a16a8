/** Asks which texts an index is made over: files of the workspace, others, or all of a folder. */
import { open } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import * as vscode from 'vscode';
import { bytes } from '../../shared/format.ts';
import type { TextSource } from '../../shared/neurons/build.ts';
import { notListed } from '../util/fileItem.ts';
import { fieldsOf, hasFields, isParquet, textExtensions } from './fields.ts';

const MOST = 2000;
const PATTERN = `**/*.{${textExtensions.join(',')}}`;
/** Of a file, to tell its fields from, bytes. */
const BEGINNING = 1 << 16;

/** Columns of a Parquet file that hold strings. */
export type ColumnsOf = (path: string) => Promise<readonly string[]>;

interface TextItem extends vscode.QuickPickItem {
  readonly path: string;
}

const files: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('new-file'), tooltip: 'Choose Files…' };
const folder: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('folder-opened'), tooltip: 'Choose a Folder…' };

/** Undefined where a person leaves. `before` is chosen already: the texts of the last time. */
export async function pickTexts(model: vscode.Uri, title: string, before: readonly TextSource[], columnsOf: ColumnsOf): Promise<readonly TextSource[] | undefined> {
  const paths = await pickPaths(model, title, before.map(({ path }) => path));
  return paths && (await withFields(paths, title, columnsOf));
}

/** One file that somebody has at hand. */
export async function pickText(model: vscode.Uri, title: string, columnsOf: ColumnsOf): Promise<TextSource | undefined> {
  const items = await Promise.all((await textsNear(model)).map(itemOf));
  const chosen = await vscode.window.showQuickPick(items, { title, placeHolder: 'A text that was not indexed', matchOnDescription: true });
  return chosen && (await withFields([chosen.path], title, columnsOf))?.[0];
}

async function pickPaths(model: vscode.Uri, title: string, before: readonly string[]): Promise<readonly string[] | undefined> {
  const pick = vscode.window.createQuickPick<TextItem>();
  Object.assign(pick, { title, placeholder: 'Texts to index: plain text, JSONL, CSV or Parquet', canSelectMany: true, matchOnDescription: true, buttons: [files, folder], busy: true });
  const add = async (paths: readonly string[], chosen: readonly string[]): Promise<void> => {
    const known = new Set(pick.items.map(({ path }) => path));
    const items = [...pick.items, ...(await Promise.all([...new Set(paths)].filter((path) => !known.has(path)).map(itemOf)))];
    const selected = new Set([...pick.selectedItems.map(({ path }) => path), ...chosen]);
    pick.items = items;
    pick.selectedItems = items.filter(({ path }) => selected.has(path));
  };
  const listed = textsNear(model).then((paths) => add([...before, ...paths], before)).finally(() => { pick.busy = false; });
  return new Promise((resolve, reject) => {
    listed.catch(reject);
    pick.onDidAccept(() => {
      const paths = pick.selectedItems.map(({ path }) => path);
      if (paths.length === 0) return;
      resolve(paths);
      pick.hide();
    });
    pick.onDidTriggerButton((button) => {
      pick.ignoreFocusOut = true;
      void (button === folder ? chooseFolder(title) : chooseFiles(title)).then((paths) => add(paths, paths)).then(() => {
        pick.ignoreFocusOut = false;
        pick.show();
      }, reject);
    });
    pick.onDidHide(() => {
      // A dialog may stand over it.
      if (pick.ignoreFocusOut) return;
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** Those beside the model first. */
async function textsNear(model: vscode.Uri): Promise<readonly string[]> {
  const found = (await vscode.workspace.findFiles(PATTERN, notListed, MOST)).map(({ fsPath }) => fsPath).sort((a, b) => a.localeCompare(b));
  const beside = dirname(model.fsPath);
  return [...found.filter((path) => dirname(path) === beside), ...found.filter((path) => dirname(path) !== beside)];
}

async function itemOf(path: string): Promise<TextItem> {
  const size = await vscode.workspace.fs.stat(vscode.Uri.file(path)).then((stat) => bytes(stat.size), () => 'not there');
  return { path, label: vscode.workspace.asRelativePath(path), description: size };
}

async function chooseFiles(title: string): Promise<readonly string[]> {
  const chosen = await vscode.window.showOpenDialog({ title, canSelectMany: true, filters: { Texts: [...textExtensions], 'All files': ['*'] } });
  return (chosen ?? []).map(({ fsPath }) => fsPath);
}

/** All texts of a folder and of those in it. */
async function chooseFolder(title: string): Promise<readonly string[]> {
  const [chosen] = (await vscode.window.showOpenDialog({ title, canSelectFolders: true, canSelectFiles: false })) ?? [];
  if (!chosen) return [];
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(chosen, PATTERN), notListed, MOST);
  return found.map(({ fsPath }) => fsPath).sort((a, b) => a.localeCompare(b));
}

/** Asks once for each set of fields that several files share. */
async function withFields(paths: readonly string[], title: string, columnsOf: ColumnsOf): Promise<readonly TextSource[] | undefined> {
  const asked = new Map<string, string | undefined>();
  const sources: TextSource[] = [];
  for (const path of paths) {
    const fields = isParquet(path) ? await columnsOf(path) : hasFields(path) ? fieldsOf(path, await beginningOf(path)) : [];
    const [only] = fields;
    if (only === undefined || fields.length === 1) {
      sources.push(only === undefined ? { path } : { path, field: only });
      continue;
    }
    const key = fields.join('\0');
    if (!asked.has(key)) asked.set(key, await pickField(path, fields, title));
    const field = asked.get(key);
    if (field === undefined) return undefined;
    sources.push({ path, field });
  }
  return sources;
}

async function pickField(path: string, fields: readonly string[], title: string): Promise<string | undefined> {
  const what = extname(path).toLowerCase().startsWith('.json') ? 'key' : 'column';
  const sorted = [...fields.filter((field) => field === 'text'), ...fields.filter((field) => field !== 'text')];
  return vscode.window.showQuickPick(sorted, { title, placeHolder: `The ${what} of ${vscode.workspace.asRelativePath(path)} that holds the text` });
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined); // The engine says what is wrong with a file.
  if (!file) return '';
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(BEGINNING), 0, BEGINNING, 0);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
