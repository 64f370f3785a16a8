/** The settings, read where they are needed so that a change counts at once. */
import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { settingNames } from './ids.ts';

const promptLenses = ['nearModels', 'always', 'never'] as const;

/** In which text files. */
export type PromptLensesWhere = (typeof promptLenses)[number];

export interface Settings {
  /** Threads within an operator; 0 leaves it to ONNX Runtime. */
  readonly threads: number;
  /** How long an engine without work is kept, ms; 0: for ever. */
  readonly idleMs: number;
  /** Whether a new prompt gets the special tokens that its tokenizer adds. */
  readonly specialTokens: boolean;
  /** A tokenizer for models that have none beside them. */
  readonly tokenizer: string | null;
  /** How large a model may be that is checked by itself, in bytes with its external data. */
  readonly checkUpToBytes: number;
  /** Above lines of Python: what they made, or name, in the open models. */
  readonly codeLenses: boolean;
  /** Behind them: the shapes of it. */
  readonly shapeHints: boolean;
  /** Above each line of a text file: run it as a prompt. */
  readonly promptLenses: PromptLensesWhere;
  /** Where indexes of neurons are kept: relative to the workspace's folder, or absolute. */
  readonly neuronIndexFolder: string;
}

export function settingsFor(uri: vscode.Uri): Settings {
  const read = vscode.workspace.getConfiguration('cogscope', uri);
  const tokenizer = read.get<string>(settingNames.tokenizer, '');
  return {
    threads: read.get<number>(settingNames.threads, 0),
    idleMs: Math.max(0, read.get<number>(settingNames.idleMinutes, 15)) * 60_000,
    specialTokens: read.get<boolean>(settingNames.specialTokens, true),
    tokenizer: tokenizer === '' ? null : inWorkspace(tokenizer, uri),
    checkUpToBytes: read.get<number>(settingNames.checkModelsUpTo, 100) * 1e6,
    codeLenses: read.get<boolean>(settingNames.codeLenses, true),
    promptLenses: promptLenses.find((one) => one === read.get<unknown>(settingNames.promptLenses)) ?? 'nearModels',
    shapeHints: read.get<boolean>(settingNames.shapeHints, true),
    neuronIndexFolder: read.get<string>(settingNames.neuronIndexFolder, ''),
  };
}

function inWorkspace(path: string, uri: vscode.Uri): string {
  const folder = vscode.workspace.getWorkspaceFolder(uri) ?? vscode.workspace.workspaceFolders?.[0];
  return isAbsolute(path) || !folder ? path : join(folder.uri.fsPath, path);
}
