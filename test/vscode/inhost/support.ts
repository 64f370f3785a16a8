/** What tests inside the extension host share: the extension's exports, models in the workspace, and engines that are watched, frozen and killed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { CogscopeExports } from '../../../src/host/exports.ts';
import type { ModelHandle } from '../../../src/host/engine/modelHandle.ts';
import type { ModelReference } from '../../../src/host/engine/models.ts';
import type { PanelModel } from '../../../src/shared/protocol/panelApi.ts';

export function extension(): vscode.Extension<CogscopeExports> {
  const found = vscode.extensions.getExtension<CogscopeExports>('cogscope.cogscope');
  assert.ok(found, 'the extension is not among those of this window');
  return found;
}

export const cogscope = async (): Promise<CogscopeExports> => extension().activate();

/** A place in the workspace. */
export function inWorkspace(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return vscode.Uri.joinPath(folder.uri, path);
}

export const fixture = (name: string): string => join(extension().extensionPath, 'test/fixtures/models', name, 'model.onnx');

/** A fixture under a name of its own in the workspace, which the test may change. */
export function copyOfFixture(name: string, path: string): vscode.Uri {
  const uri = inWorkspace(path);
  mkdirSync(dirname(uri.fsPath), { recursive: true });
  cpSync(fixture(name), uri.fsPath);
  return uri;
}

/** Resolves once the model shows what is waited for; the test's own time limit ends a wait that is in vain. */
export async function shows(handle: ModelHandle, what: (model: PanelModel) => boolean): Promise<PanelModel> {
  while (!what(handle.model)) {
    await new Promise<void>((resolve) => {
      const subscription = handle.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
  return handle.model;
}

export const isReady = (model: PanelModel): boolean => model.engine.kind === 'ready';

/** Opens a model and waits until it is read. */
export async function opened(uri: vscode.Uri): Promise<ModelReference> {
  const reference = (await cogscope()).open(uri);
  const { state } = await reference.handle.settled();
  assert.equal(state.kind, 'open', `the model was not read: ${JSON.stringify(state)}`);
  return reference;
}

export function pidOf(handle: ModelHandle): number {
  const { pid } = handle;
  assert.ok(pid !== undefined, `there is no engine: ${JSON.stringify(handle.model.engine)}`);
  return pid;
}

/** Stops a process where it is, so that what is asked of it stays in flight. */
export const freeze = (pid: number): boolean => process.kill(pid, 'SIGSTOP');

/** A process that has ended and that nobody has asked about yet counts as ended. */
export function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim().startsWith('Z');
  } catch {
    return false;
  }
}

export const run = { prompt: { kind: 'ids', ids: [3, 1, 4, 1, 5] }, patterns: true } as const;

/** Resolves once it gives something; the test's own time limit ends a wait that is in vain. */
export async function eventually<T>(what: () => Thenable<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await what();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What hovers say over a text of a file, without its escapes. */
export async function hoverOver(uri: vscode.Uri, text: string): Promise<string> {
  const document = await vscode.workspace.openTextDocument(uri);
  const hovers = await vscode.commands.executeCommand<readonly vscode.Hover[]>('vscode.executeHoverProvider', uri, document.positionAt(document.getText().indexOf(text) + 1));
  const ours = hovers.flatMap(({ contents }) => contents.map((one) => (one instanceof vscode.MarkdownString ? one.value : '')));
  return ours.join('\n').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

/** The lenses of a file, each with its line from 1. */
export async function lensTitles(uri: vscode.Uri): Promise<readonly string[]> {
  await vscode.workspace.openTextDocument(uri);
  const lenses = await vscode.commands.executeCommand<readonly vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
  return lenses.map(({ range, command }) => `${range.start.line + 1} ${command?.title ?? ''}`);
}
