/** Hovers over addresses in any file: what the model says of them, and what its index of neurons has. */
import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { JsonText } from '../../experiments/jsonText.ts';
import { canonicalOf, headAddress, neuronAddress, parseShort, prefixOf } from '../../shared/addresses.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { commandIds } from '../ids.ts';
import type { IndexMemory } from '../neurons/indexMemory.ts';
import type { NeuronReader, Reading } from '../neurons/reader.ts';
import type { RolesMemory } from '../roles/rolesMemory.ts';
import { roleLines } from '../roles/words.ts';
import { addressAt } from './addressText.ts';
import type { AddressTarget, AddressText } from './addressText.ts';
import { commandLink } from './commandLink.ts';
import { describeAddress } from './addressWords.ts';
import { isExperiment } from './experimentDocuments.ts';
import { partHooks } from './layerWords.ts';
import { escaped, headLines, layerLine, neuronLines } from './neuronMarkdown.ts';

export const anyFile: vscode.DocumentSelector = [{ scheme: 'file' }, { scheme: 'untitled' }, { scheme: 'vscode-remote' }];

/** Commands that a hover's links may run. */
const linked = [commandIds.openHead, commandIds.openNeuron, commandIds.copyAddress, commandIds.revealInTree, commandIds.indexNeurons, commandIds.inspectModel] as const;

export interface AddressHoverServices {
  readonly models: Models;
  readonly reader: NeuronReader;
  readonly roles: RolesMemory;
  /** Models that were indexed in this workspace. */
  readonly indexed: IndexMemory;
}

export class AddressHover implements vscode.HoverProvider {
  private readonly models: Models;
  private readonly reader: NeuronReader;
  private readonly roles: RolesMemory;
  private readonly indexed: IndexMemory;

  constructor({ models, reader, roles, indexed }: AddressHoverServices) {
    this.models = models;
    this.reader = reader;
    this.roles = roles;
    this.indexed = indexed;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const found = addressAt(document.lineAt(position.line).text, position.character);
    if (!found) return undefined;
    const range = new vscode.Range(position.line, found.start, position.line, found.end);
    const handle = modelOf(this.models, document);
    const content = handle ? await this.contentOf(handle, found) : this.closedContent(found);
    return content && new vscode.Hover(content, range);
  }

  /** No model is open: where one alone was indexed here, it is the one that is meant. */
  private closedContent({ address }: AddressText): vscode.MarkdownString | undefined {
    const [note, another] = this.indexed.notes;
    if (!note || another) return undefined;
    const model = vscode.Uri.parse(note.model, true);
    const content = new vscode.MarkdownString(`**${escaped(address)}** [Open ${escaped(vscode.workspace.asRelativePath(model))}](${commandLink(commandIds.inspectModel, model.toJSON())}) to see what it is`);
    content.isTrusted = { enabledCommands: [commandIds.inspectModel] };
    return content;
  }

  private async contentOf(handle: ModelHandle, { address, target }: AddressText): Promise<vscode.MarkdownString | undefined> {
    const { state } = handle.model;
    if (state.kind !== 'open') return undefined;
    const { text, known } = describeAddress(state.summary, handle.title, target);
    const lines = known ? await this.indexLines(handle, target) : [];
    const content = new vscode.MarkdownString(`**${escaped(address)}** ${escaped(text)}`);
    for (const line of lines) content.appendMarkdown(`\n\n${line}`);
    if (known) content.appendMarkdown(`\n\n${linksOf(address, target).join(' · ')}`);
    content.isTrusted = { enabledCommands: [...linked] };
    return content;
  }

  private async indexLines(handle: ModelHandle, target: AddressTarget): Promise<readonly string[]> {
    if (target.tower !== '') return [];
    switch (target.kind) {
      case 'neuron':
        return linesOf(handle, await this.reader.read(handle, 'neuronFigures', { address: neuronAddress('', target.layer, target.neuron) }), neuronLines);
      case 'head':
        return target.attention === 'cross' ? [] : await this.headLines(handle, headAddress('', target.layer, target.head));
      case 'site':
      case 'tensor': {
        const hook = target.kind === 'site' ? target.site : target.hook;
        if (!/^(post|mlp\.hook_post)$/.test(hook)) return [];
        return this.layerLines(handle, target.layer);
      }
      case 'part':
        return target.part === 'mlp' || target.part === 'block' ? this.layerLines(handle, target.layer) : [];
      default:
        return target satisfies never;
    }
  }

  private async layerLines(handle: ModelHandle, index: number): Promise<readonly string[]> {
    return linesOf(handle, await this.reader.read(handle, 'neuronLayers', {}), (layers) => layers.filter(({ layer }) => layer === index).map(layerLine));
  }

  private async headLines(handle: ModelHandle, address: string): Promise<readonly string[]> {
    const named = (await this.roles.of(handle.uri)).filter((head) => head.address === address);
    return [...roleLines(named).map(escaped), ...linesOf(handle, await this.reader.read(handle, 'headFigures', { address }), headLines)];
  }
}

/** An experiment is about the model that it names, everything else about the one that a person looks at. */
function modelOf(models: Models, document: vscode.TextDocument): ModelHandle | undefined {
  if (!isExperiment(document.uri)) return models.focused;
  const { model } = (JsonText.parse(document.getText()).value ?? {}) as { readonly model?: unknown };
  const path = typeof model === 'string' ? resolve(dirname(document.uri.fsPath), model) : undefined;
  return models.all.find(({ uri }) => uri.fsPath === path) ?? models.focused;
}

function linesOf<T>({ uri }: ModelHandle, reading: Reading<T>, lines: (value: T) => readonly string[]): readonly string[] {
  switch (reading.kind) {
    case 'there':
      return lines(reading.value);
    case 'none':
      return [`No text of yours is indexed for this model yet: [Index Neurons…](${commandLink(commandIds.indexNeurons, uri.toJSON())})`];
    case 'later':
    case 'refused':
      return [escaped(reading.why)];
    default:
      return reading satisfies never;
  }
}

function linksOf(address: string, target: AddressTarget): readonly string[] {
  const [place = address] = address.split('@');
  return [
    ...(target.kind === 'neuron' ? [`[Open Neuron](${commandLink(commandIds.openNeuron, place)})`] : []),
    ...(parseShort(place)?.kind === 'head' ? [`[Open Head](${commandLink(commandIds.openHead, place)})`] : []),
    `[Copy Address](${commandLink(commandIds.copyAddress, address)})`,
    `[Reveal in Model Tree](${commandLink(commandIds.revealInTree, inTree(place, target))})`,
  ];
}

/** Where the Model view has a node for it. */
function inTree(place: string, target: AddressTarget): string {
  if (target.kind === 'part') return `${prefixOf(target.tower)}blocks.${target.layer}.${partHooks[target.part]}`;
  return (target.kind === 'neuron' ? canonicalOf(target) : undefined) ?? place;
}
