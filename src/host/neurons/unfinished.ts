/** Says once, in a window that was opened again, which indexes were being made when it was closed. */
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import type { IndexMemory } from './indexMemory.ts';

export async function tellUnfinished(memory: IndexMemory): Promise<void> {
  const [first] = memory.notes.filter(({ state }) => state === 'running');
  if (!first) return;
  for (const note of memory.notes) if (note.state === 'running') await memory.keep({ ...note, state: 'paused' });
  const model = vscode.Uri.parse(first.model, true);
  await offerToGoOn(`Indexing the neurons of ${vscode.workspace.asRelativePath(model)} stopped when the window was closed; what was done is kept.`, model);
}

/** Says what was not finished, with the way to go on. */
export async function offerToGoOn(message: string, model: vscode.Uri): Promise<void> {
  const goOn = 'Go On…';
  const chosen = await vscode.window.showInformationMessage(message, goOn);
  if (chosen === goOn) await vscode.commands.executeCommand(commandIds.indexNeurons, model);
}
