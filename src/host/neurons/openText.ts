/** Opens the text that an example of an index stands in, with its token selected. */
import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { hasFields } from './fields.ts';

export interface TextPlace {
  /** Relative to the index. */
  readonly file: string;
  /** Line of a text file, record of JSONL or CSV, row of Parquet; counts from 1. */
  readonly record: number;
  /** UTF-16 units from the beginning of the file; of the record's text in JSONL and CSV, where the text cannot be told from the line. */
  readonly offset: number;
  readonly token: string;
}

/** Resolves with whether the file is there, a text, and small enough for an editor. */
export async function openIndexedText(db: string, { file, record, offset, token }: TextPlace): Promise<boolean> {
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(vscode.Uri.file(resolve(dirname(db), file)));
  } catch {
    return false;
  }
  const text = document.getText();
  const selection = hasFields(file) || text.slice(offset, offset + token.length) !== token
    ? document.lineAt(Math.min(Math.max(record - 1, 0), document.lineCount - 1)).range
    : new vscode.Range(document.positionAt(offset), document.positionAt(offset + token.length));
  await vscode.window.showTextDocument(document, { selection, viewColumn: vscode.ViewColumn.One });
  return true;
}
