/** What every panel may ask of the host. */
import * as vscode from 'vscode';
import type { CommonPanelApi, PanelCommand } from '../../shared/protocol/panelApi.ts';
import type { Handlers } from '../../shared/rpc/connection.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { commandIds } from '../ids.ts';
import { openSourceLine } from '../source/openSourceLine.ts';
import { saveText } from './saveText.ts';

type Run = (handle: ModelHandle) => Thenable<unknown>;

const run = (command: string, ...args: readonly unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);

const panelCommands: Readonly<Record<PanelCommand, Run>> = {
  openAttention: (handle) => run(commandIds.openAttention, handle.uri),
  copyAsPython: (handle) => run(commandIds.copyAsPython, handle.uri, 'attention'),
  copyLensAsPython: (handle) => run(commandIds.copyAsPython, handle.uri, 'lens'),
  openOverview: (handle) => run(commandIds.inspectModel, handle.uri),
  manageTrust: () => run('workbench.trust.manage'),
  restartEngine: (handle) => run(commandIds.restartEngine, handle.uri),
  reloadModel: (handle) => run(commandIds.reloadModel, handle.uri),
  showLog: () => run(commandIds.showLog),
  openSettings: () => run('workbench.action.openSettings', '@ext:cogscope.cogscope'),
};

export function commonHandlers(handle: ModelHandle): Handlers<CommonPanelApi> {
  return {
    copy: async ({ text }) => {
      await vscode.env.clipboard.writeText(text);
      return null;
    },
    save: ({ name, content }) => saveText(handle.uri, name, content),
    openSource: async ({ source }) => openSourceLine(handle.uri, source, (await handle.call('sourceMap', {})).lines),
    command: async ({ name }) => {
      await panelCommands[name](handle);
      return null;
    },
  };
}
