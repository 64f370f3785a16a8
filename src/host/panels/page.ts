/** The page of a panel: no code and no style but what the extension ships. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export type PanelName = 'overview' | 'attention' | 'patching' | 'neurons' | 'lens';

const folderOf = (extension: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extension, 'dist', 'webview');

/**
 * The nonce stands in a meta element too, where the toolkit looks for it: it tests for :focus-visible with a style element of its own.
 * `uri` is the model's, or the experiment file's: it is kept with the panel's state, so that a panel which is restored knows what it shows.
 */
export function showPage(webview: vscode.Webview, extension: vscode.Uri, panel: PanelName, title: string, uri: vscode.Uri): void {
  const folder = folderOf(extension);
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const file = (name: string): string => escape(webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString());
  const nonce = randomBytes(16).toString('base64');
  const { cspSource } = webview;
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource} 'nonce-${nonce}'; font-src ${cspSource}; img-src ${cspSource} data:`;
  webview.html = `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta property="csp-nonce" content="${nonce}">
  <link rel="stylesheet" href="${file(`${panel}.css`)}">
  <title>${escape(title)}</title>
</head>
<body data-panel="${panel}" data-model="${escape(uri.toString())}">
  <main id="root"></main>
  <script nonce="${nonce}" src="${file(`${panel}.js`)}"></script>
</body>
</html>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
