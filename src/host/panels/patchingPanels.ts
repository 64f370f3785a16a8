/** The patching panels: one a model, and one an experiment's file; beside the code, and restored with the window. */
import * as vscode from 'vscode';
import type { Experiment } from '../../shared/experiment/experiment.ts';
import type { PatchingPanelApi, PatchingState } from '../../shared/protocol/panelApi.ts';
import type { Models } from '../engine/models.ts';
import { nameOf } from '../experiments/names.ts';
import { viewTypes } from '../ids.ts';
import { panelColumn } from '../util/panelColumn.ts';
import { showPage } from './page.ts';
import { patchingParams } from './params.ts';
import { patchingHandlers } from './patchingHandlers.ts';
import type { PatchingServices } from './patchingHandlers.ts';
import type { PatchingMemory } from './patchingMemory.ts';
import { WebviewLink } from './webviewLink.ts';

/** What a patching panel is opened with; what is left out stays as it was. */
export interface PatchingRequest {
  readonly model: vscode.Uri;
  readonly experiment?: Experiment;
  /** The file that the experiment was read from. */
  readonly source?: vscode.Uri;
  /** Run it at once. */
  readonly run?: boolean;
}

export interface PatchingPanelServices extends PatchingServices {
  readonly extension: vscode.Uri;
  readonly models: Models;
  readonly memory: PatchingMemory;
}

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly link: WebviewLink<PatchingPanelApi>;
}

export class PatchingPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private readonly services: PatchingPanelServices;
  private readonly panels = new Map<string, OpenPanel>();
  /** Panels that are to run their experiment when they are there. */
  private readonly toRun = new Set<string>();
  private readonly serializer: vscode.Disposable;

  constructor(services: PatchingPanelServices) {
    this.services = services;
    this.serializer = vscode.window.registerWebviewPanelSerializer(viewTypes.patching, this);
  }

  /** Shows the panel of an experiment's file, or of a model; a new one where there is none, in the column of panels. */
  async open({ model, experiment, source, run = false }: PatchingRequest): Promise<void> {
    const key = (source ?? model).toString();
    const { memory } = this.services;
    const before = memory.of(key);
    await memory.keep(key, {
      model: model.toString(), experiment: experiment ?? before?.experiment ?? null,
      source: source ? { uri: source.toString(), name: nameOf(source) } : null,
    });
    const known = this.panels.get(key);
    if (!known) {
      if (run) this.toRun.add(key);
      this.attach(vscode.window.createWebviewPanel(viewTypes.patching, 'Patching', panelColumn(), { retainContextWhenHidden: true }), key, model);
      return;
    }
    known.panel.reveal();
    if (experiment) known.link.emit('experiment', { ...(await this.stateOf(key, model)), run });
  }

  /** The panel kept its key with its state; see AttentionPanels for a window that knows of a panel and not yet of its state. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = (state as { readonly $model?: unknown } | null | undefined)?.$model;
    const { memory } = this.services;
    const key = typeof kept === 'string' && kept !== '' ? kept : memory.shown.find((shown) => !this.panels.has(shown));
    const memo = key === undefined ? undefined : memory.of(key);
    if (key !== undefined && memo && !this.panels.has(key)) this.attach(panel, key, vscode.Uri.parse(memo.model, true));
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.serializer.dispose();
    for (const { panel } of [...this.panels.values()]) panel.dispose();
  }

  private attach(panel: vscode.WebviewPanel, key: string, model: vscode.Uri): void {
    const { models, memory, extension } = this.services;
    const reference = models.acquire(model);
    const { handle } = reference;
    const link = new WebviewLink<PatchingPanelApi>(
      panel.webview,
      {
        ...patchingHandlers(this.services, handle, {
          source: () => sourceOf(memory.of(key)?.source ?? null),
          show: async (experiment) => {
            await memory.keep(key, { model: model.toString(), source: memory.of(key)?.source ?? null, experiment });
            link.emit('experiment', { ...(await this.stateOf(key, model)), run: false });
          },
          remember: (experiment) => memory.keep(key, { model: model.toString(), source: memory.of(key)?.source ?? null, experiment }),
        }),
        ready: async () => {
          const settled = await handle.settled();
          const state = await this.stateOf(key, model);
          // Behind the answer, so that the panel has what it is to run.
          if (this.toRun.delete(key)) setImmediate(() => link.emit('experiment', { ...state, run: true }));
          return { ...settled, ...state };
        },
      },
      patchingParams,
    );
    this.panels.set(key, { panel, link });
    const focus = (): void => {
      if (!panel.active) return;
      models.focus(handle);
      void handle.look();
    };
    const subscriptions = [link, handle.onDidChange((state) => link.emit('model', state)), panel.onDidChangeViewState(focus)];
    panel.onDidDispose(() => {
      this.panels.delete(key);
      this.toRun.delete(key);
      for (const subscription of subscriptions) subscription.dispose();
      reference.dispose();
    });
    panel.title = `${nameOf(vscode.Uri.parse(key, true))}: Patching`;
    const icon = (kind: string): vscode.Uri => vscode.Uri.joinPath(extension, 'media', `patching-${kind}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    showPage(panel.webview, extension, 'patching', panel.title, vscode.Uri.parse(key, true));
    focus();
  }

  private async stateOf(key: string, model: vscode.Uri): Promise<PatchingState> {
    const memo = this.services.memory.of(key);
    const experiment = memo?.experiment ?? null;
    return { experiment, source: memo?.source ?? null, outcome: experiment && (await this.services.experiments.outcomeOf(model, experiment)) };
  }
}

const sourceOf = (source: PatchingState['source']): vscode.Uri | null => (source ? vscode.Uri.parse(source.uri, true) : null);
