/** Takes a list of what others say of neurons into the index of a model. */
import * as vscode from 'vscode';
import { counted } from '../../shared/format.ts';
import { commandIds } from '../ids.ts';
import { pickModel } from './pickModel.ts';
import type { Command } from './services.ts';
import { uriOf } from './target.ts';

const TITLE = 'Import Neuron Descriptions';

/** `list`: a file that is known already, for whoever calls the command by its name. */
export const importDescriptions: Command = async ({ models, indexing }, argument, list) => {
  const uri = uriOf(argument) ?? models.focused?.uri ?? (await pickModel(TITLE));
  if (!uri) return;
  if (!indexing.isThere(uri)) {
    await offerIndex(uri);
    return;
  }
  const file = uriOf(list) ?? (await vscode.window.showOpenDialog({ title: TITLE, filters: { 'Lists of descriptions': ['json', 'jsonl'] } }))?.[0];
  if (!file) return;
  await models.use(uri, async (handle) => {
    const { descriptions, neurons } = await indexing.importDescriptions(handle, file.fsPath);
    void vscode.window.showInformationMessage(`${handle.title}: imported ${counted(descriptions, 'description')} of ${counted(neurons, 'neuron')}.`);
  });
};

async function offerIndex(uri: vscode.Uri): Promise<void> {
  const make = 'Index Neurons…';
  const chosen = await vscode.window.showInformationMessage('Descriptions are kept in a model’s index of neurons, and this model has none yet.', make);
  if (chosen === make) await vscode.commands.executeCommand(commandIds.indexNeurons, uri);
}
