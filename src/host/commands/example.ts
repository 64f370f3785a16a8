/** The example that ships with the extension: a small trained model whose heads are known, and prompts that show them. */
import * as vscode from 'vscode';
import { settingsFor } from '../settings.ts';
import { viewTypes } from '../ids.ts';
import type { Command } from './services.ts';

const MODEL = 'induction.onnx';
const PROMPTS = 'prompts.txt';

export const openExample: Command = async ({ attention, extension, memory }) => {
  // A copy in the workspace is the person's own to change.
  const [own] = await vscode.workspace.findFiles(`**/induction/${MODEL}`, '**/node_modules/**', 1);
  const model = own ?? vscode.Uri.joinPath(extension, 'examples', 'induction', MODEL);
  const prompts = vscode.Uri.joinPath(model, '..', PROMPTS);
  const document = await vscode.workspace.openTextDocument(prompts);
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, preview: false });
  await vscode.commands.executeCommand('vscode.openWith', model, viewTypes.overview, vscode.ViewColumn.One);
  const text = document.lineAt(0).text;
  const isNew = memory.of(model).prompt === null;
  await attention.open(model, isNew ? { prompt: { kind: 'text', text, special: settingsFor(model).specialTokens } } : {});
};
