/** Prompts that stand in files, a line each. */
import * as vscode from 'vscode';
import { settingsFor } from '../settings.ts';
import { pickModel } from './pickModel.ts';
import type { Command, Services } from './services.ts';
import { uriOf } from './target.ts';

/** Runs the line that it is called on, else the one with the cursor, in the file's model, which is asked for once. */
export const runPromptLine: Command = async (services, file, number) => {
  const editor = vscode.window.activeTextEditor;
  const uri = uriOf(file) ?? editor?.document.uri;
  const document = uri && (await vscode.workspace.openTextDocument(uri));
  const line = typeof number === 'number' ? number : (editor?.selection.active.line ?? 0);
  const prompt = document && line >= 0 && line < document.lineCount ? services.prompts.lineOf(document, line) : undefined;
  if (!prompt || !uri) {
    void vscode.window.showInformationMessage('Put the cursor in a line that holds a prompt.');
    return;
  }
  const model = (await services.prompts.modelOf(uri)) ?? (await chosenModel(services, uri));
  if (model) await services.attention.open(model, { prompt: { kind: 'text', text: prompt.text, special: settingsFor(model).specialTokens }, preserveFocus: true });
};

/** Which model the prompts of a file run in from now on. */
export const choosePromptModel: Command = async (services, file) => {
  const uri = uriOf(file) ?? vscode.window.activeTextEditor?.document.uri;
  if (uri) await chosenModel(services, uri);
  else void vscode.window.showInformationMessage('Open the file whose prompts are to be run.');
};

async function chosenModel({ prompts }: Services, file: vscode.Uri): Promise<vscode.Uri | undefined> {
  const model = await pickModel('Model for the Prompts of This File');
  if (model) await prompts.choose(file, model);
  return model;
}
