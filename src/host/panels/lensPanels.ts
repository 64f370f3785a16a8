/** The lens panels: one a model, beside the code; restored with the window. */
import * as vscode from 'vscode';
import type { LensPanelApi } from '../../shared/protocol/panelApi.ts';
import type { PanelView } from '../../shared/python/view.ts';
import type { Handlers } from '../../shared/rpc/connection.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { Models } from '../engine/models.ts';
import { commandIds, viewTypes } from '../ids.ts';
import { settingsFor } from '../settings.ts';
import { panelColumn } from '../util/panelColumn.ts';
import { commonHandlers } from './commonHandlers.ts';
import { showPage } from './page.ts';
import { lensParams } from './params.ts';
import type { PromptMemory } from './promptMemory.ts';
import { WebviewLink } from './webviewLink.ts';

export class LensPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly extension: vscode.Uri;
  private readonly models: Models;
  private readonly memory: PromptMemory;
  private readonly panels = new Map<string, vscode.WebviewPanel>();
  /** What each panel shows, by its model. */
  private readonly views = new Map<string, PanelView>();
  private readonly serializer: vscode.Disposable;

  constructor(extension: vscode.Uri, models: Models, memory: PromptMemory) {
    this.extension = extension;
    this.models = models;
    this.memory = memory;
    this.serializer = vscode.window.registerWebviewPanelSerializer(viewTypes.lens, this);
  }

  /** Shows the panel of a model, a new one where there is none, in the column of panels. */
  open(uri: vscode.Uri): void {
    const known = this.panels.get(uri.toString());
    if (known) known.reveal();
    else this.attach(vscode.window.createWebviewPanel(viewTypes.lens, 'Lens', panelColumn(), { retainContextWhenHidden: true }), uri);
  }

  /** What the panel of a model shows; undefined before it has told. */
  shown(uri: vscode.Uri): PanelView | undefined {
    return this.views.get(uri.toString());
  }

  isActive(uri: vscode.Uri): boolean {
    return this.panels.get(uri.toString())?.active ?? false;
  }

  /** `state` is what the panel kept; its model is in it. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const model = (state as { readonly $model?: unknown } | null | undefined)?.$model;
    if (typeof model === 'string' && model !== '' && !this.panels.has(model)) this.attach(panel, vscode.Uri.parse(model, true));
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.serializer.dispose();
    for (const panel of [...this.panels.values()]) panel.dispose();
  }

  private attach(panel: vscode.WebviewPanel, uri: vscode.Uri): void {
    const reference = this.models.acquire(uri);
    const { handle } = reference;
    const link = new WebviewLink<LensPanelApi>(panel.webview, this.handlers(handle), lensParams);
    this.panels.set(uri.toString(), panel);
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
      reference.dispose();
    });
    panel.title = `${handle.title}: Lens`;
    const icon = (kind: string): vscode.Uri => vscode.Uri.joinPath(this.extension, 'media', `lens-${kind}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    showPage(panel.webview, this.extension, 'lens', panel.title, uri);
    focus();
  }

  /** The prompt is the model's: what is typed here stands in its attention panel too, when that is opened. */
  private handlers(handle: ModelHandle): Handlers<LensPanelApi> {
    const { uri } = handle;
    return {
      ...commonHandlers(handle),
      ready: async () => ({ ...(await handle.settled()), prompt: this.memory.of(uri).prompt ?? { kind: 'text', text: '', special: settingsFor(uri).specialTokens } }),
      lens: (params, { signal, progress }) => handle.call('lens', params, { signal, onProgress: progress }),
      attribution: (params, { signal, progress }) => handle.call('attribution', params, { signal, onProgress: progress }),
      openAttention: async ({ address }) => {
        await vscode.commands.executeCommand(commandIds.openAttention, uri, address);
        return null;
      },
      remember: async ({ prompt }) => {
        await this.memory.keep(uri, { prompt });
        return null;
      },
      show: (view) => {
        this.views.set(uri.toString(), view);
        return null;
      },
    };
  }
}
