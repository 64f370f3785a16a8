/** Behind lines of Python: shapes of what they made in the open models. */
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { pythonSelector } from './codeLinks.ts';
import type { CodeLinks, LinkedLine, ModelLines } from './codeLinks.ts';
import { settingsFor } from '../settings.ts';
import { placesOf } from './places.ts';
import { hintText } from './words.ts';

export class ShapeHints implements vscode.InlayHintsProvider, vscode.Disposable {
  private readonly links: CodeLinks;
  private readonly registration: vscode.Disposable;

  readonly onDidChangeInlayHints: vscode.Event<void>;

  constructor(links: CodeLinks) {
    this.links = links;
    this.onDidChangeInlayHints = links.onDidChange;
    this.registration = vscode.languages.registerInlayHintsProvider(pythonSelector, this);
  }

  async provideInlayHints(document: vscode.TextDocument, range: vscode.Range): Promise<vscode.InlayHint[]> {
    if (!settingsFor(document.uri).shapeHints) return [];
    const models = await this.links.of(document);
    return models.flatMap((model) => model.lines.filter(({ line }) => line >= range.start.line && line <= range.end.line)
      .flatMap((linked) => hintOf(document, model, linked, models.length > 1)));
  }

  dispose(): void {
    this.registration.dispose();
  }
}

function hintOf(document: vscode.TextDocument, { model, title }: ModelLines, { line, record }: LinkedLine, isOneOfSeveral: boolean): readonly vscode.InlayHint[] {
  const text = hintText(record);
  if (text === '' || line >= document.lineCount) return [];
  const part = new vscode.InlayHintLabelPart(isOneOfSeveral ? `${title} ${text}` : text);
  part.tooltip = tooltip(title, placesOf(record).filter(({ description }) => description.includes('[')).map(({ label, description }) => `${label}  ${description}`));
  part.command = { command: commandIds.showInModel, title: 'Show in the model', arguments: [model, record] };
  const hint = new vscode.InlayHint(document.lineAt(line).range.end, [part]);
  hint.paddingLeft = true;
  return [hint];
}

/** What a model file says is text, not marks. */
function tooltip(title: string, lines: readonly string[]): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString().appendText(`Made in ${title}`);
  return lines.length === 0 ? markdown : markdown.appendCodeblock(lines.join('\n'), 'plaintext');
}
