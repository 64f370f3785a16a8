/** Above lines of Python that index or hook a layer: what the open model, and its index of neurons, have there. */
import * as vscode from 'vscode';
import { prefixOf } from '../../shared/addresses.ts';
import type { Models } from '../engine/models.ts';
import { commandIds } from '../ids.ts';
import type { NeuronIndexing } from '../neurons/indexing.ts';
import type { NeuronReader } from '../neurons/reader.ts';
import { settingsFor } from '../settings.ts';
import { layerLens, layerOf, partHooks } from './layerWords.ts';
import { layersIn } from './pythonLayers.ts';

const python: vscode.DocumentSelector = { language: 'python' };
const MOST = 200;
/** Lenses may come a little later than the lines, ms. */
const WAIT_MS = 1000;

export class LayerLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly models: Models;
  private readonly reader: NeuronReader;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: readonly vscode.Disposable[];
  private ofHandle: vscode.Disposable | undefined;

  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(models: Models, indexing: NeuronIndexing, reader: NeuronReader) {
    this.models = models;
    this.reader = reader;
    const tell = (): void => this.changed.fire();
    this.subscriptions = [
      vscode.languages.registerCodeLensProvider(python, this), this.changed, indexing.onDidChange(tell), models.onDidChangeFocus(() => this.follow()),
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('cogscope') && tell()),
    ];
    this.follow();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const handle = this.models.focused;
    if (handle?.model.state.kind !== 'open' || !settingsFor(document.uri).codeLenses) return [];
    const { summary } = handle.model.state;
    const mentions = layersIn(document.getText()).slice(0, MOST).flatMap((mention) => {
      const layer = layerOf(summary, mention);
      return layer ? [{ mention, layer }] : [];
    });
    if (mentions.length === 0) return [];
    const reading = await this.reader.read(handle, 'neuronLayers', {}, WAIT_MS);
    const figures = reading.kind === 'there' ? reading.value : [];
    return mentions.map(({ mention, layer }) => {
      const { tower, block } = layer;
      const address = `${prefixOf(tower.name)}blocks.${block.index}.${partHooks[mention.part ?? 'block']}`;
      const title = layerLens(layer, mention.part, tower.name === '' ? figures.find((one) => one.layer === block.index) : undefined);
      return new vscode.CodeLens(new vscode.Range(mention.line, 0, mention.line, 0), { title, ...(mention.part === 'mlp' ? { command: commandIds.openNeuron, tooltip: `Open the neurons of layer ${block.index} of ${handle.title}` } : { command: commandIds.revealInTree, tooltip: `Show ${address} of ${handle.title} in the Model view` }), arguments: [address] });
    });
  }

  dispose(): void {
    this.ofHandle?.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** A model's layers are known once it is read. */
  private follow(): void {
    this.ofHandle?.dispose();
    let state = this.models.focused?.model.state;
    this.ofHandle = this.models.focused?.onDidChange((model) => {
      if (model.state === state) return;
      ({ state } = model);
      this.changed.fire();
    });
    this.changed.fire();
  }
}
