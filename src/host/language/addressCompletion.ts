/** Completes addresses in experiments' files, from the model that the file names. */
import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { JsonText } from '../../experiments/jsonText.ts';
import type { ModelReference, Models } from '../engine/models.ts';
import { candidates, neuronCandidates, takesAt } from './addressCandidates.ts';
import { rangeIn, selector } from './experimentDocuments.ts';
import type { ExperimentDocuments } from './experimentDocuments.ts';

const nothing = new vscode.CompletionList();

export class AddressCompletion implements vscode.CompletionItemProvider, vscode.Disposable {
  private readonly models: Models;
  /** The model of each document that was completed, open for as long as the document is. */
  private readonly references = new Map<string, { readonly path: string; readonly reference: ModelReference }>();
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(documents: ExperimentDocuments, models: Models) {
    this.models = models;
    this.subscriptions = [
      vscode.languages.registerCompletionItemProvider(selector, this, '"', '.'),
      documents.onDidClose((uri) => this.let(uri.toString())),
    ];
  }

  async provideCompletionItems(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.CompletionList> {
    const json = JsonText.parse(document.getText());
    const { steps, isKey, range } = json.placeAt(document.offsetAt(position));
    const takes = isKey ? undefined : takesAt(steps);
    const model = (json.value as { readonly model?: unknown } | null | undefined)?.model;
    if (!takes || typeof model !== 'string' || model === '') return nothing;
    const { state } = await this.modelOf(document.uri, resolve(dirname(document.uri.fsPath), model)).handle.settled();
    if (state.kind !== 'open') return nothing;
    // Neurons come once their layer is typed: a model has tens of thousands.
    const typed = range ? document.getText(new vscode.Range(document.positionAt(range.offset + 1), position)) : '';
    const neurons = takes === 'cells' ? neuronCandidates(state.summary, typed) : [];
    return new vscode.CompletionList([...candidates(state.summary, takes), ...neurons].map(({ address, about }, index) => {
      const item = new vscode.CompletionItem({ label: address, description: about }, vscode.CompletionItemKind.Value);
      item.insertText = JSON.stringify(address);
      item.filterText = item.insertText;
      // In the order of the model, not of the alphabet: layer 10 comes behind layer 9.
      item.sortText = String(index).padStart(8, '0');
      if (range) item.range = rangeIn(document, range);
      return item;
    }), takes === 'cells');
  }

  dispose(): void {
    for (const key of [...this.references.keys()]) this.let(key);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private modelOf(uri: vscode.Uri, path: string): ModelReference {
    const key = uri.toString();
    const known = this.references.get(key);
    if (known?.path === path) return known.reference;
    this.let(key);
    const reference = this.models.acquire(vscode.Uri.file(path));
    this.references.set(key, { path, reference });
    return reference;
  }

  private let(key: string): void {
    this.references.get(key)?.reference.dispose();
    this.references.delete(key);
  }
}
