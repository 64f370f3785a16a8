/** Commands about one address: of the tree's node or the panel's cell they are called on, else one that a person picks. */
import * as vscode from 'vscode';
import { headAddress } from '../../shared/addresses.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Command } from './services.ts';
import { openModel } from './target.ts';

export const copyAddress: Command = async (services, argument) => {
  const address = addressOf(argument) ?? (await pickAddress(await openModel(services, undefined), 'Copy Address'));
  if (address !== undefined) await vscode.env.clipboard.writeText(address);
};

export const openHead: Command = async (services, argument) => {
  const handle = await openModel(services, undefined);
  const address = addressOf(argument) ?? (await pickAddress(handle, 'Open Head', 'heads'));
  if (handle && address !== undefined) await services.attention.open(handle.uri, { address });
};

export const revealInTree: Command = async (services, argument) => {
  const handle = await openModel(services, undefined);
  const address = addressOf(argument) ?? (await pickAddress(handle, 'Reveal in Model Tree'));
  if (!handle || address === undefined) return;
  if (!(await services.tree.reveal(address))) void vscode.window.showInformationMessage(`${handle.title} has no ${address}.`);
};

/** Tree nodes and webview contexts carry an address; links carry it bare. */
export function addressOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  const address = (argument as { readonly address?: unknown } | null | undefined)?.address;
  return typeof address === 'string' && address !== '' ? address : undefined;
}

export async function pickAddress(handle: ModelHandle | undefined, title: string, which: 'all' | 'heads' = 'all'): Promise<string | undefined> {
  if (handle?.model.state.kind !== 'open') return undefined;
  const heads = handle.model.state.summary.towers.flatMap((tower) =>
    tower.blocks.flatMap((block) => [
      ...Array.from({ length: block.attention?.heads ?? 0 }, (_, head) => ({ label: headAddress(tower.name, block.index, head), description: 'head' })),
      ...Array.from({ length: block.cross?.heads ?? 0 }, (_, head) => ({ label: headAddress(tower.name, block.index, head, 'cross'), description: 'head of cross attention' })),
    ]));
  const tensors = which === 'heads' ? [] : (await handle.call('addresses', {})).map(({ address, axes }) => ({ label: address, description: `[${axes.join(', ')}]` }));
  const chosen = await vscode.window.showQuickPick([...heads, ...tensors], { title, placeHolder: 'Address', matchOnDescription: true });
  return chosen?.label;
}
