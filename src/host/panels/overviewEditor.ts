/** The read-only editor of *.onnx files: what a model is. */
import * as vscode from 'vscode';
import type { OverviewPanelApi } from '../../shared/protocol/panelApi.ts';
import type { ModelHandle } from '../engine/modelHandle.ts';
import type { ModelReference, Models } from '../engine/models.ts';
import { commandIds, viewTypes } from '../ids.ts';
import { commonHandlers } from './commonHandlers.ts';
import { showPage } from './page.ts';
import { overviewParams } from './params.ts';
import { WebviewLink } from './webviewLink.ts';

class ModelDocument implements vscode.CustomDocument {
  readonly uri: vscode.Uri;
  readonly handle: ModelHandle;
  private readonly reference: ModelReference;

  constructor(uri: vscode.Uri, models: Models) {
    this.uri = uri;
    this.reference = models.acquire(uri);
    this.handle = this.reference.handle;
  }

  dispose(): void {
    this.reference.dispose();
  }
}

export class OverviewEditor implements vscode.CustomReadonlyEditorProvider<ModelDocument> {
  private readonly extension: vscode.Uri;
  private readonly models: Models;

  private constructor(extension: vscode.Uri, models: Models) {
    this.extension = extension;
    this.models = models;
  }

  static register(extension: vscode.Uri, models: Models): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(viewTypes.overview, new OverviewEditor(extension, models), {
      supportsMultipleEditorsPerDocument: true,
    });
  }

  openCustomDocument(uri: vscode.Uri): ModelDocument {
    return new ModelDocument(uri, this.models);
  }

  resolveCustomEditor({ handle }: ModelDocument, panel: vscode.WebviewPanel): void {
    const link = new WebviewLink<OverviewPanelApi>(
      panel.webview,
      {
        ...commonHandlers(handle),
        ready: () => handle.settled(),
        check: (params, { signal }) => handle.call('check', params, { signal }),
        addresses: (params, { signal }) => handle.call('addresses', params, { signal }),
        openAttention: async ({ address }) => {
          await vscode.commands.executeCommand(commandIds.openAttention, handle.uri, address);
          return null;
        },
      },
      overviewParams,
    );
    const focus = (): void => {
      if (!panel.active) return;
      this.models.focus(handle);
      void handle.look();
    };
    const subscriptions = [link, handle.onDidChange((model) => link.emit('model', model)), panel.onDidChangeViewState(focus)];
    panel.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
    });
    showPage(panel.webview, this.extension, 'overview', handle.title, handle.uri);
    focus();
  }
}
