import * as vscode from 'vscode';
import { parseShort } from '../../shared/addresses.ts';
import { writePatternPython } from '../../shared/attentionPython.ts';
import type { Prompt } from '../../shared/protocol/engineApi.ts';
import { settingsFor } from '../settings.ts';
import { addressOf, pickAddress } from './addresses.ts';
import { pickModel } from './pickModel.ts';
import type { Command, Services } from './services.ts';
import { openModel, uriOf } from './target.ts';

/** How long the status bar tells what was done, ms. */
const TOLD_MS = 4000;

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

/** What the panel shows of a head, for TransformerLens: the prompt that was typed last, and the head's pattern. */
export const copyAsPython: Command = async (services, argument) => {
  const handle = await openModel(services, undefined);
  const address = addressOf(argument) ?? (handle && services.memory.of(handle.uri).address) ?? (await pickAddress(handle, 'Copy as Python (TransformerLens)', 'heads'));
  const head = address === undefined || address === null ? undefined : parseShort(address);
  if (!handle || head?.kind !== 'head') return;
  const { prompt } = services.memory.of(handle.uri);
  if (!prompt || isEmpty(prompt)) {
    void vscode.window.showInformationMessage(`Type a prompt in the attention panel of ${handle.title} first: the code runs it.`);
    return;
  }
  await vscode.env.clipboard.writeText(writePatternPython({ model: handle.title, prompt, head }));
  void vscode.window.setStatusBarMessage(`Copied ${address} as Python`, TOLD_MS);
};

const isEmpty = (prompt: Prompt): boolean => (prompt.kind === 'text' ? prompt.text : prompt.ids).length === 0;

async function modelFor({ models }: Services, argument: unknown, title: string): Promise<vscode.Uri | undefined> {
  return uriOf(argument) ?? models.focused?.uri ?? (await pickModel(title));
}
