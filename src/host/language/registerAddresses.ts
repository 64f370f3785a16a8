/** What the editor does with addresses and layers in files of any kind. */
import * as vscode from 'vscode';
import type { Models } from '../engine/models.ts';
import type { NeuronIndexing } from '../neurons/indexing.ts';
import { NeuronReader } from '../neurons/reader.ts';
import { AddressHover, anyFile } from './addressHover.ts';
import { LayerLenses } from './layerLenses.ts';

export interface AddressServices {
  readonly models: Models;
  readonly indexing: NeuronIndexing;
}

export function registerAddresses({ models, indexing }: AddressServices): vscode.Disposable {
  const reader = new NeuronReader(indexing);
  return vscode.Disposable.from(vscode.languages.registerHoverProvider(anyFile, new AddressHover(models, reader)), new LayerLenses(models, indexing, reader));
}
