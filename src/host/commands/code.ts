/** Between the model and the Python that made it. */
import * as vscode from 'vscode';
import type { MadeLine, SourceMap } from '../../shared/sourceMap.ts';
import { lineOf, partOf } from '../source/lineOf.ts';
import { fileName } from '../source/match.ts';
import { openGuessedClass, openSourceLine } from '../source/openSourceLine.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import { isHead, placesOf } from '../source/places.ts';
import type { ModelPlace } from '../source/places.ts';
import { addressOf, pickAddress } from './addresses.ts';
import type { Command, Services } from './services.ts';
import { openModel } from './target.ts';

/** The line that made what the command is called on, else an address that a person picks. */
export const showInCode: Command = async (services, argument) => {
  const handle = await openModel(services, undefined);
  const address = addressOf(argument) ?? (await pickAddress(handle, 'Show in Code'));
  if (!handle || address === undefined) return;
  const map = await handle.call('sourceMap', {});
  const line = lineOf(map, address);
  if (!line) await guess(handle, map, address);
  else if (!(await openSourceLine(handle.uri, line, map.lines))) void vscode.window.showInformationMessage(`${address} was made by line ${line.line} of ${fileName(line.file)}, which is not in this workspace.`);
};

/** Names are what is left of a model that an older exporter made. */
async function guess({ uri, title }: ModelHandle, { modules }: SourceMap, address: string): Promise<void> {
  const at = partOf(address);
  const module = at && modules.find(({ tower, part, layers }) => tower === at.tower && part === at.part && layers.includes(at.layer));
  if (module && (await openGuessedClass(uri, module, modules))) return;
  void vscode.window.showInformationMessage(`${title} has no record of the line of code that made ${address}.`);
}

interface PlaceItem extends ModelPlace, Omit<vscode.QuickPickItem, keyof ModelPlace> {
  readonly model: vscode.Uri;
}

/** One part of what the line that it is called on made, else the line of the active editor: heads in their panel, all else in the tree. */
export const showInModel: Command = async (services, model, record) => {
  const items = model instanceof vscode.Uri && isRecord(record) ? itemsOf(model, record) : await itemsOfCursor(services);
  if (items.length === 0) {
    void vscode.window.showInformationMessage('No open model has a record of this line.');
    return;
  }
  const chosen = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'Show in Model', placeHolder: 'Part of the model', matchOnDescription: true });
  if (!chosen) return;
  if (isHead(chosen.address)) await services.attention.open(chosen.model, { address: chosen.address });
  else await showInTree(services, chosen);
};

async function showInTree({ models, tree }: Services, { model, address }: PlaceItem): Promise<void> {
  const handle = models.of(model);
  if (!handle) return;
  models.focus(handle);
  await tree.reveal(address);
}

const itemsOf = (model: vscode.Uri, record: MadeLine): readonly PlaceItem[] => placesOf(record).map((place) => ({ ...place, model }));

async function itemsOfCursor({ links }: Services): Promise<readonly PlaceItem[]> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return [];
  const { line } = editor.selection.active;
  const models = await links.of(editor.document);
  return models.flatMap(({ model, lines }) => lines.filter((linked) => linked.line === line).flatMap(({ record }) => itemsOf(model, record)));
}

/** A lens gives its own; other extensions may call the command with anything. */
function isRecord(argument: unknown): argument is MadeLine {
  const record = argument as Partial<MadeLine> | null | undefined;
  return Array.isArray(record?.made) && Array.isArray(record.calls);
}
