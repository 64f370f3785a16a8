/** What the editor does with addresses and layers in files of any kind. */
import * as vscode from 'vscode';
import type { Models } from '../engine/models.ts';
import type { NeuronIndexing } from '../neurons/indexing.ts';
import type { RolesMemory } from '../roles/rolesMemory.ts';
import type { NeuronReader } from '../neurons/reader.ts';
import { promptSelector } from '../prompts/promptFiles.ts';
import type { PromptFiles } from '../prompts/promptFiles.ts';
import { AddressHover, anyFile } from './addressHover.ts';
import { WordHover } from './wordHover.ts';
import { LayerLenses } from './layerLenses.ts';

export interface AddressServices {
  readonly models: Models;
  readonly indexing: NeuronIndexing;
  readonly reader: NeuronReader;
  readonly roles: RolesMemory;
  readonly prompts: PromptFiles;
}

export function registerAddresses({ models, indexing, reader, roles, prompts }: AddressServices): vscode.Disposable {
  return vscode.Disposable.from(vscode.languages.registerHoverProvider(anyFile, new AddressHover({ models, reader, roles, indexed: indexing.memory })), new LayerLenses(models, indexing, reader),
    vscode.languages.registerHoverProvider(promptSelector, new WordHover(models, prompts, reader)));
}
