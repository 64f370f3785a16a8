import * as vscode from 'vscode';
import { settingsFor } from '../settings.ts';
import { pickModel } from './pickModel.ts';
import type { Command, Services } from './services.ts';
import { uriOf } from './target.ts';

/** The attention panel of the model it is called on, else of the one in focus, else of one that a person picks. */
export const openAttention: Command = async (services, argument, address) => {
  const uri = await modelFor(services, argument, 'Open Attention');
  // The Explorer gives all selected files as its second argument.
  if (uri) await services.attention.open(uri, { address: typeof address === 'string' ? address : undefined });
};

/** The lens of the model it is called on, else of the one in focus, else of one that a person picks. */
export const openLens: Command = async (services, argument) => {
  const uri = await modelFor(services, argument, 'Open Lens');
  if (uri) services.lens.open(uri);
};

export const useSelectionAsPrompt: Command = async (services) => {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? '';
  if (text === '') {
    void vscode.window.showInformationMessage('Select the text in an editor that is to be the prompt.');
    return;
  }
  const uri = await modelFor(services, undefined, 'Use Selection as Prompt');
  if (uri) await services.attention.open(uri, { prompt: { kind: 'text', text, special: settingsFor(uri).specialTokens }, preserveFocus: true });
};

async function modelFor({ models }: Services, argument: unknown, title: string): Promise<vscode.Uri | undefined> {
  return uriOf(argument) ?? models.focused?.uri ?? (await pickModel(title));
}
