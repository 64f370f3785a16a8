/** Which model a command is about: the one it was called on, else the one in focus. */
import * as vscode from 'vscode';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { commandIds } from '../ids.ts';
import type { Services } from './services.ts';

export const uriOf = (argument: unknown): vscode.Uri | undefined => (argument instanceof vscode.Uri ? argument : undefined);

/** The open model of an argument, or the one in focus; says so where none is open. */
export async function openModel({ models }: Services, argument: unknown): Promise<ModelHandle | undefined> {
  const uri = uriOf(argument);
  const handle = (uri && models.of(uri)) ?? models.focused;
  if (handle) return handle;
  const inspect = 'Inspect Model';
  const chosen = await vscode.window.showInformationMessage('No model is open.', inspect);
  if (chosen === inspect) await vscode.commands.executeCommand(commandIds.inspectModel);
  return undefined;
}
