import * as vscode from 'vscode';
import { viewTypes } from '../ids.ts';
import { pickModel } from './pickModel.ts';
import type { Command } from './services.ts';
import { uriOf } from './target.ts';

/** Opens the overview of the model it is called on, or of one that a person picks. */
export const inspectModel: Command = async (_, argument) => {
  const uri = uriOf(argument) ?? (await pickModel('Inspect Model'));
  if (uri) await vscode.commands.executeCommand('vscode.openWith', uri, viewTypes.overview);
};
