/** Commands about the engine of a model. */
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import type { Command } from './services.ts';
import { openModel } from './target.ts';

export const restartEngine: Command = async (services, argument) => {
  const handle = await openModel(services, argument);
  await handle?.restart();
};

export const reloadModel: Command = async (services, argument) => {
  const handle = await openModel(services, argument);
  if (!handle) return;
  const title = `Reading ${handle.title}`;
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => handle.reload());
};

export const cancel: Command = async (services, argument) => {
  const handle = await openModel(services, argument);
  handle?.cancel();
};

interface Action extends vscode.QuickPickItem {
  readonly command: string;
}

export const engineActions: Command = async (services) => {
  const handle = await openModel(services, undefined);
  if (!handle) return;
  const { engine, changed } = handle.model;
  const isBusy = engine.kind === 'busy' || engine.kind === 'starting';
  const actions: readonly Action[] = [
    ...(isBusy ? [{ label: '$(stop-circle) Cancel', command: commandIds.cancel }] : []),
    { label: '$(output) Show Log', command: commandIds.showLog },
    { label: '$(debug-restart) Restart Engine', description: handle.pid === undefined ? 'not running' : `process ${handle.pid}`, command: commandIds.restartEngine },
    { label: '$(refresh) Reload Model', description: changed ? 'changed since it was opened' : '', command: commandIds.reloadModel },
  ];
  const chosen = await vscode.window.showQuickPick(actions, { title: `Engine of ${handle.title}` });
  if (chosen) await vscode.commands.executeCommand(chosen.command, handle.uri);
};
