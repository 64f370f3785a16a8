/** The attention panels: one per model, beside the code; restored with the window. */
import * as vscode from 'vscode';
import type { Prompt } from '../../shared/protocol/engineApi.ts';
import type { AttentionPanelApi } from '../../shared/protocol/panelApi.ts';
import type { PanelView } from '../../shared/python/view.ts';
import type { Handlers } from '../../shared/rpc/connection.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { viewTypes } from '../ids.ts';
import { settingsFor } from '../settings.ts';
import { pickPrompts } from '../prompts/pickPrompts.ts';
import { panelColumn } from '../util/panelColumn.ts';
import { ChosenImages } from './chosenImages.ts';
import { commonHandlers } from './commonHandlers.ts';
import { showPage } from './page.ts';
import { attentionParams } from './params.ts';
import { LastRuns } from './lastRuns.ts';
import type { PromptMemory } from './promptMemory.ts';
import { WebviewLink } from './webviewLink.ts';

/** What an attention panel is opened with; what is left out stays as it was. */
export interface AttentionRequest {
  readonly prompt?: Prompt | undefined;
  readonly address?: string | undefined;
  /** Leave the keyboard where it is. */
  readonly preserveFocus?: boolean;
}

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly link: WebviewLink<AttentionPanelApi>;
}

export class AttentionPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly extension: vscode.Uri;
  private readonly models: Models;
  private readonly memory: PromptMemory;
  private readonly images: ChosenImages;
  readonly runs = new LastRuns();
  /** What each panel shows, by its model. */
  private readonly views = new Map<string, PanelView>();
  private readonly panels = new Map<string, OpenPanel>();
  /** Models whose new panel is to show its address large. */
  private readonly toOpen = new Set<string>();
  private readonly serializer: vscode.Disposable;

  constructor(extension: vscode.Uri, models: Models, memory: PromptMemory) {
    this.extension = extension;
    this.models = models;
    this.memory = memory;
    this.images = new ChosenImages(memory);
    this.serializer = vscode.window.registerWebviewPanelSerializer(viewTypes.attention, this);
  }

  /** Shows the panel of a model, a new one where there is none, in the column of panels. */
  async open(uri: vscode.Uri, { prompt, address, preserveFocus = false }: AttentionRequest = {}): Promise<void> {
    await this.memory.keep(uri, { ...(prompt ? { prompt } : {}), ...(address === undefined ? {} : { address }) });
    // What a panel shows of another prompt is no longer what is asked for.
    if (prompt) this.views.delete(uri.toString());
    const known = this.panels.get(uri.toString());
    if (known) {
      known.panel.reveal(undefined, preserveFocus);
      if (prompt) known.link.emit('prompt', { prompt });
      if (address !== undefined) known.link.emit('reveal', { address });
      return;
    }
    if (address !== undefined) this.toOpen.add(uri.toString());
    const panel = vscode.window.createWebviewPanel(viewTypes.attention, 'Attention', { viewColumn: panelColumn(), preserveFocus }, { retainContextWhenHidden: true });
    this.attach(panel, uri);
  }

  /** What the panel of a model shows; undefined before it has told. */
  shown(uri: vscode.Uri): PanelView | undefined {
    return this.views.get(uri.toString());
  }

  /**
   * `state` is what the panel kept; its model is in it. A window that was loaded anew soon after the panel had opened may know
   * of the panel and not yet of its state: then it is the model that was shown last.
   */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = (state as { readonly $model?: unknown } | null | undefined)?.$model;
    const model = typeof kept === 'string' && kept !== '' ? kept : this.memory.shown.find((shown) => !this.panels.has(shown));
    if (model !== undefined && !this.panels.has(model)) this.attach(panel, vscode.Uri.parse(model, true));
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.serializer.dispose();
    for (const { panel } of [...this.panels.values()]) panel.dispose();
  }

  private attach(panel: vscode.WebviewPanel, uri: vscode.Uri): void {
    const reference = this.models.acquire(uri);
    const { handle } = reference;
    const link = new WebviewLink<AttentionPanelApi>(panel.webview, this.handlers(handle), attentionParams);
    this.panels.set(uri.toString(), { panel, link });
    void this.memory.keepShown(uri);
    const focus = (): void => {
      if (!panel.active) return;
      this.models.focus(handle);
      void handle.look();
    };
    const subscriptions = [link, handle.onDidChange((model) => link.emit('model', model)), panel.onDidChangeViewState(focus)];
    panel.onDidDispose(() => {
      this.panels.delete(uri.toString());
      this.views.delete(uri.toString());
      for (const subscription of subscriptions) subscription.dispose();
      this.runs.forget(handle);
      reference.dispose();
    });
    panel.title = `${handle.title}: Attention`;
    const icon = (kind: string): vscode.Uri => vscode.Uri.joinPath(this.extension, 'media', `attention-${kind}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    showPage(panel.webview, this.extension, 'attention', panel.title, uri);
    focus();
  }

  private handlers(handle: ModelHandle): Handlers<AttentionPanelApi> {
    const { uri } = handle;
    return {
      ...commonHandlers(handle),
      ready: async (_, { signal }) => {
        const model = await handle.settled();
        const { prompt, address } = this.memory.of(uri);
        const open = this.toOpen.delete(uri.toString());
        return { ...model, prompt: prompt ?? { kind: 'text', text: '', special: settingsFor(uri).specialTokens }, address, open, image: await this.images.last(handle, signal) };
      },
      tokenize: (params, { signal }) => handle.call('tokenize', params, { signal }),
      chooseImage: (_, { signal }) => this.images.choose(handle, signal),
      run: async ({ image, ...params }, { signal, progress }) => {
        const result = await handle.call('run', { ...params, ...(image === undefined ? {} : { image: this.images.pathOf(image) }) }, { signal, onProgress: progress });
        this.runs.keep({ handle, prompt: params.prompt, result });
        return result;
      },
      predictions: (params, { signal }) => handle.call('predictions', params, { signal }),
      patternTile: (params, { signal }) => handle.call('patternTile', params, { signal }),
      attentionTile: (params, { signal }) => handle.call('attentionTile', params, { signal }),
      headOutputs: (params, { signal, progress }) => handle.call('headOutputs', params, { signal, onProgress: progress }),
      headWrites: (params, { signal }) => handle.call('headWrites', params, { signal }),
      alignRuns: (params, { signal }) => handle.call('alignRuns', params, { signal }),
      patternDifference: (params, { signal }) => handle.call('patternDifference', params, { signal }),
      differenceTile: (params, { signal }) => handle.call('differenceTile', params, { signal }),
      averagePatterns: (params, { signal, progress }) => handle.call('averagePatterns', params, { signal, onProgress: progress }),
      averagedLayers: (params, { signal }) => handle.call('averagedLayers', params, { signal }),
      spreadTile: (params, { signal }) => handle.call('spreadTile', params, { signal }),
      pickPrompts: () => pickPrompts(uri),
      headScores: (params, { signal, progress }) => handle.call('headScores', params, { signal, onProgress: progress }),
      remember: async (params) => {
        await this.memory.keep(uri, params);
        return null;
      },
      show: (view) => {
        this.views.set(uri.toString(), view);
        return null;
      },
    };
  }
}
