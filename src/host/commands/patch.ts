/** Opens the patching panel with a draft: from a selection, from two prompts that are typed, or as it was. */
import * as vscode from 'vscode';
import type { PromptPair } from '../../shared/experiment/experiment.ts';
import { draftOf } from '../experiments/draft.ts';
import { settingsFor } from '../settings.ts';
import { pickModel } from './pickModel.ts';
import type { Command } from './services.ts';
import { uriOf } from './target.ts';

const TITLE = 'Patch';

/** Of a panel that shows one model, its own; else the one in focus, or one that a person picks. A selection is the clean prompt. */
export const patch: Command = async ({ models, memory, patching }, argument) => {
  const given = uriOf(argument);
  const selection = given?.path.endsWith('.onnx') ? '' : selectedText();
  const model = (given?.path.endsWith('.onnx') ? given : undefined) ?? models.focused?.uri ?? (await pickModel(TITLE));
  if (!model) return;
  const pair = selection === '' ? await typedPair(lastPrompt(memory.of(model).prompt)) : { clean: selection };
  if (!pair) return;
  await patching.open({ model, experiment: draftOf({ model: model.fsPath, pair, special: settingsFor(model).specialTokens }) });
};

function selectedText(): string {
  const editor = vscode.window.activeTextEditor;
  return editor?.document.getText(editor.selection) ?? '';
}

const lastPrompt = (prompt: ReturnType<Parameters<typeof patch>[0]['memory']['of']>['prompt']): string => (prompt?.kind === 'text' ? prompt.text : '');

/** Undefined where a person leaves. An empty corrupted prompt is typed in the panel. */
async function typedPair(suggested: string): Promise<PromptPair | undefined> {
  const clean = await ask(1, 'Clean prompt', 'The prompt that the model answers right', suggested);
  if (clean === undefined) return undefined;
  const corrupted = await ask(2, 'Corrupted prompt', 'The prompt that differs from it in what matters, with as many tokens', clean);
  return corrupted === undefined ? undefined : { clean, corrupted };
}

const ask = (step: number, placeHolder: string, prompt: string, value: string): Thenable<string | undefined> =>
  vscode.window.showInputBox({ title: `${TITLE}: ${placeHolder} (${step}/2)`, prompt, placeHolder, value, ignoreFocusOut: true });
