/** The panels of neurons: one a model, beside the code; restored with the window. */
import * as vscode from 'vscode';
import type { NeuronPanelApi } from '../../shared/protocol/panelApi.ts';
import type { Handlers, Params } from '../../shared/rpc/connection.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { commandIds, viewTypes } from '../ids.ts';
import type { NeuronIndexing } from '../neurons/indexing.ts';
import { pickText } from '../neurons/pickTexts.ts';
import { openIndexedText } from '../neurons/openText.ts';
import { panelColumn } from '../util/panelColumn.ts';
import { commonHandlers } from './commonHandlers.ts';
import { showPage } from './page.ts';
import { neuronParams, rememberedNeuron } from './params.ts';
import { WebviewLink } from './webviewLink.ts';

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly link: WebviewLink<NeuronPanelApi>;
  /** The index changed while nobody saw the panel. */
  isBehind: boolean;
}

export interface NeuronPanelServices {
  readonly extension: vscode.Uri;
  readonly models: Models;
  readonly indexing: NeuronIndexing;
  /** Of the workspace. */
  readonly store: vscode.Memento;
}

type Remembered = Params<NeuronPanelApi, 'remember'>;

export class NeuronPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly services: NeuronPanelServices;
  private readonly panels = new Map<string, OpenPanel>();
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(services: NeuronPanelServices) {
    this.services = services;
    this.subscriptions = [
      vscode.window.registerWebviewPanelSerializer(viewTypes.neurons, this),
      services.indexing.onDidChange((model) => this.tellIndex(this.panels.get(model.toString()), true)),
    ];
  }

  /** Shows the panel of a model, a new one where there is none, in the column of panels. */
  async open(uri: vscode.Uri, address?: string): Promise<void> {
    if (address !== undefined) await this.keep(uri, { address });
    const known = this.panels.get(uri.toString());
    if (known) {
      known.panel.reveal();
      if (address !== undefined) known.link.emit('reveal', { address });
      return;
    }
    this.attach(vscode.window.createWebviewPanel(viewTypes.neurons, 'Neurons', panelColumn(), { retainContextWhenHidden: true }), uri);
  }

  /** `state` is what the panel kept; its model is in it. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const model = (state as { readonly $model?: unknown } | null | undefined)?.$model;
    if (typeof model === 'string' && model !== '' && !this.panels.has(model)) this.attach(panel, vscode.Uri.parse(model, true));
    else panel.dispose();
    return Promise.resolve();
  }

  remembered(uri: vscode.Uri): Remembered {
    try {
      return rememberedNeuron(this.services.store.get(keyOf(uri)), 'what was remembered');
    } catch {
      return { address: '', text: '' };
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    for (const { panel } of [...this.panels.values()]) panel.dispose();
  }

  /** Reading an index may start an engine that rests: only for somebody who looks. */
  private tellIndex(open: OpenPanel | undefined, changed: boolean): void {
    if (!open) return;
    open.isBehind ||= changed;
    if (!open.isBehind || !open.panel.visible) return;
    open.isBehind = false;
    open.link.emit('index', {});
  }

  private async keep(uri: vscode.Uri, change: Partial<Remembered>): Promise<void> {
    await this.services.store.update(keyOf(uri), { ...this.remembered(uri), ...change });
  }

  private attach(panel: vscode.WebviewPanel, uri: vscode.Uri): void {
    const { models, extension } = this.services;
    const reference = models.acquire(uri);
    const { handle } = reference;
    const link = new WebviewLink<NeuronPanelApi>(panel.webview, this.handlers(handle), neuronParams);
    const open = { panel, link, isBehind: false };
    this.panels.set(uri.toString(), open);
    const focus = (): void => {
      if (!panel.active) return;
      models.focus(handle);
      void handle.look();
    };
    const subscriptions = [link, handle.onDidChange((model) => link.emit('model', model)), panel.onDidChangeViewState(focus), panel.onDidChangeViewState(() => this.tellIndex(open, false))];
    panel.onDidDispose(() => {
      this.panels.delete(uri.toString());
      for (const subscription of subscriptions) subscription.dispose();
      reference.dispose();
    });
    panel.title = `${handle.title}: Neurons`;
    const icon = (kind: string): vscode.Uri => vscode.Uri.joinPath(extension, 'media', `neurons-${kind}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    showPage(panel.webview, extension, 'neurons', panel.title, uri);
    focus();
  }

  private handlers(handle: ModelHandle): Handlers<NeuronPanelApi> {
    const { uri } = handle;
    const { indexing } = this.services;
    const db = (): string => indexing.placeOf(uri);
    return {
      ...commonHandlers(handle),
      ready: async () => {
        const model = await handle.settled();
        const { address, text } = this.remembered(uri);
        return { ...model, address: address === '' ? null : address, text };
      },
      index: (_, { signal }) => handle.call('neuronIndex', { db: db() }, { signal }),
      neuron: ({ address }, { signal }) => handle.call('neuronFigures', { db: db(), address }, { signal }),
      similar: ({ address }, { signal }) => handle.call('similarNeurons', { db: db(), address }, { signal }),
      layers: (_, { signal }) => handle.call('neuronLayers', { db: db() }, { signal }),
      shades: (params, { signal }) => handle.call('exampleActivations', { ...params, db: db() }, { signal }),
      live: (params, { signal }) => handle.call('neuronLive', params, { signal }),
      search: (query, { signal }) => handle.call('searchNeurons', { ...query, db: db() }, { signal }),
      here: (params, { signal }) => handle.call('neuronsHere', { ...params, db: indexing.isThere(uri) ? db() : null, target: null }, { signal }),
      test: async ({ address, text }, { signal }) => {
        const source = text === null ? await pickText(uri, `Test the Readings of ${address}`, (path) => handle.call('textColumns', { path }, { signal })) : null;
        if (text === null && !source) return null;
        return handle.call('testReadings', { db: db(), address, text: source ? { kind: 'file', ...source } : { kind: 'typed', text: text ?? '' } }, { signal });
      },
      makeIndex: async () => {
        await vscode.commands.executeCommand(commandIds.indexNeurons, uri);
        return null;
      },
      openText: (place) => openIndexedText(db(), place),
      remember: async (params) => {
        await this.keep(uri, params);
        return null;
      },
    };
  }
}

const keyOf = (uri: vscode.Uri): string => `neurons ${uri.toString()}`;
