/** What a panel shows, as Python that gets the same from TransformerLens: of the panel that the command is called on, else of the one in front. */
import * as vscode from 'vscode';
import { parseShort } from '../../shared/addresses.ts';
import { CogscopeError } from '../../shared/errors.ts';
import type { Prompt } from '../../shared/protocol/engineApi.ts';
import { checkCounterpart } from '../../shared/python/counterpart.ts';
import type { PanelView, ShownView } from '../../shared/python/view.ts';
import { needsHead, needsPrompt, writeViewPython } from '../../shared/python/write.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { addressOf, pickAddress } from './addresses.ts';
import type { Command, Services } from './services.ts';
import { openModel } from './target.ts';

/** How long the status bar tells what was done, ms. */
const TOLD_MS = 4000;

/** `panel`: which of a model's two panels calls. Menus of webviews give the section under the pointer, and its part. */
export const copyAsPython: Command = async (services, argument, panel) => {
  const handle = await openModel(services, argument);
  if (!handle) return;
  const isLens = asksLens(services, handle, argument, panel);
  const shown = (isLens ? services.lens : services.attention).shown(handle.uri) ?? lastTyped(services, handle, isLens);
  const view = partOf(argument) === 'writes' ? shown.writes : shown.view;
  if (!view) throw new CogscopeError('usage', 'What is shown has not come yet', 'Run the prompt first');
  const address = needsHead(view) ? addressOf(argument) ?? services.memory.of(handle.uri).address ?? (await pickAddress(handle, 'Copy as Python (TransformerLens)', 'heads')) : null;
  const head = typeof address === 'string' ? parseShort(address) : undefined;
  if (needsHead(view) && head?.kind !== 'head') return;
  if (needsPrompt(view) && isEmpty(shown.prompt)) {
    void vscode.window.showInformationMessage(`Type a prompt in the ${isLens ? 'lens' : 'attention panel'} of ${handle.title} first: the code runs it.`);
    return;
  }
  const { state } = handle.model;
  if (state.kind === 'open') checkCounterpart(state.summary, { ...shown, view });
  await vscode.env.clipboard.writeText(writeViewPython({ model: handle.title, prompt: shown.prompt, head: head?.kind === 'head' ? head : null, view }));
  void vscode.window.setStatusBarMessage(`Copied ${typeof address === 'string' ? `${address}, ` : ''}${viewNames[view.kind]} as Python`, TOLD_MS);
};

const viewNames: Readonly<Record<ShownView['kind'], string>> = {
  pattern: 'pattern', scores: 'scores before the softmax', weighted: 'value-weighted attention', rollout: 'rollout', effect: 'effect on a logit', difference: 'difference of two prompts', mean: 'mean over prompts',
  writes: 'what it writes', outputs: 'what heads write', headScores: 'scores of heads', lens: 'logit lens',
};

function asksLens({ lens }: Services, { uri }: ModelHandle, argument: unknown, panel: unknown): boolean {
  const section = (argument as { readonly webviewSection?: unknown } | null | undefined)?.webviewSection;
  return panel === 'lens' || section === 'lens' || (panel === undefined && section === undefined && lens.isActive(uri));
}

/** Without a panel that has told: the prompt that was typed last, and the pattern of a head, or the lens without a token. */
const lastTyped = ({ memory }: Services, { uri }: ModelHandle, isLens: boolean): PanelView => ({
  prompt: memory.of(uri).prompt ?? { kind: 'ids', ids: [] }, writes: null, edited: false,
  view: isLens ? { kind: 'lens', mid: false, target: null, distractor: null, positions: [] } : { kind: 'pattern' },
});

const partOf = (argument: unknown): unknown => (argument as { readonly part?: unknown } | null | undefined)?.part;

const isEmpty = (prompt: Prompt): boolean => (prompt.kind === 'text' ? prompt.text : prompt.ids).length === 0;
