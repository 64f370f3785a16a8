/** Hovers over words of prompts: the neurons that fire on them in the indexed texts. Nothing is run for it. */
import * as vscode from 'vscode';
import type { Models } from '../engine/models.ts';
import { commandIds } from '../ids.ts';
import type { NeuronReader } from '../neurons/reader.ts';
import type { PromptFiles } from '../prompts/promptFiles.ts';
import { addressAt } from './addressText.ts';
import { commandLink } from './commandLink.ts';
import { escaped, foundLines } from './neuronMarkdown.ts';

/** Neurons that are listed. */
const LISTED = 6;
/** Letters and digits with what joins them; no word of a prompt is longer. */
const WORD = /[\p{L}\p{N}'’]{1,60}/u;

export class WordHover implements vscode.HoverProvider {
  private readonly models: Models;
  private readonly prompts: PromptFiles;
  private readonly reader: NeuronReader;

  constructor(models: Models, prompts: PromptFiles, reader: NeuronReader) {
    this.models = models;
    this.prompts = prompts;
    this.reader = reader;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const range = document.getWordRangeAtPosition(position, WORD);
    const isPrompt = this.prompts.lineOf(document, position.line) !== undefined;
    if (!range || !isPrompt || addressAt(document.lineAt(position.line).text, position.character)) return undefined;
    const uri = await this.prompts.modelOf(document.uri);
    const handle = uri && this.models.of(uri);
    if (handle?.model.state.kind !== 'open') return undefined;
    const word = document.getText(range);
    const reading = await this.reader.read(handle, 'searchNeurons', { token: word, limit: LISTED });
    if (reading.kind !== 'there' || reading.value.found.length === 0) return undefined;
    const content = new vscode.MarkdownString(`**${escaped(word)}**: ${foundLines(reading.value, (address) => commandLink(commandIds.openNeuron, address)).join('\n\n')}`);
    content.isTrusted = { enabledCommands: [commandIds.openNeuron] };
    return new vscode.Hover(content, range);
  }
}
