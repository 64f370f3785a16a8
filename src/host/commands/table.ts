/** Every command, by name. Commands exist whatever is open, and explain what is missing. */
import * as vscode from 'vscode';
import { CogscopeError, sentence } from '../../shared/errors.ts';
import type { ErrorData } from '../../shared/errors.ts';
import { commandIds } from '../ids.ts';
import type { CommandName } from '../ids.ts';
import { copyAddress, openHead, revealInTree } from './addresses.ts';
import { copyAsPython } from './copyAsPython.ts';
import { showInCode, showInModel } from './code.ts';
import { cancel, engineActions, reloadModel, restartEngine } from './engine.ts';
import { openExample } from './example.ts';
import { compareExperiment, experimentHistory, runExperiment } from './experiments.ts';
import { importDescriptions } from './importDescriptions.ts';
import { indexNeurons } from './indexNeurons.ts';
import { inspectModel } from './inspect.ts';
import { choosePromptModel, runPromptLine } from './prompts.ts';
import { openAttention, openLens, useSelectionAsPrompt } from './attention.ts';
import { nameRoles } from './nameRoles.ts';
import { openNeuron } from './neurons.ts';
import { patch } from './patch.ts';
import type { Command, Services } from './services.ts';

const table: Readonly<Record<CommandName, Command>> = {
  inspectModel,
  openAttention,
  openLens,
  openExample,
  openHead,
  copyAddress,
  revealInTree,
  copyAsPython,
  runPromptLine,
  choosePromptModel,
  showInCode,
  showInModel,
  useSelectionAsPrompt,
  patch,
  runExperiment,
  compareExperiment,
  experimentHistory,
  indexNeurons,
  importDescriptions,
  nameRoles,
  openNeuron,
  cancel,
  reloadModel,
  restartEngine,
  engineActions,
  showLog: ({ log }) => log.show(),
};

export function registerCommands(services: Services): vscode.Disposable {
  const names = Object.keys(table) as CommandName[];
  return vscode.Disposable.from(...names.map((name) => vscode.commands.registerCommand(commandIds[name], (...args: unknown[]) => run(services, table[name], args))));
}

async function run(services: Services, command: Command, args: readonly unknown[]): Promise<void> {
  try {
    await command(services, ...args);
  } catch (error) {
    const data = CogscopeError.describe(error);
    if (data.detail !== '') services.log.error(data.detail);
    if (data.code !== 'cancelled') await tell(data);
  }
}

interface Way {
  readonly label: string;
  readonly command: string;
}

/** The one thing to do about an error, beyond what its sentence says. */
function wayOut(data: ErrorData): Way {
  if (data.code === 'untrusted') return { label: 'Manage Workspace Trust', command: 'workbench.trust.manage' };
  if (data.code === 'changed') return { label: 'Reload Model', command: commandIds.reloadModel };
  return { label: 'Show Log', command: commandIds.showLog };
}

async function tell(data: ErrorData): Promise<void> {
  const { label, command } = wayOut(data);
  const chosen = await vscode.window.showErrorMessage(sentence(data), label);
  if (chosen === label) await vscode.commands.executeCommand(command);
}
