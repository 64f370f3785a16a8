/** A word of a prompt's line, hovered: what it attends to in the head that is chosen in the attention panel shades the text. */
import * as vscode from 'vscode';
import { parseShort } from '../../shared/addresses.ts';
import type { ShortAddress } from '../../shared/addresses.ts';
import type { TokenInfo } from '../../shared/protocol/engineApi.ts';
import type { LastRun, LastRuns } from '../panels/lastRuns.ts';
import type { PromptMemory } from '../panels/promptMemory.ts';
import { escaped } from '../language/neuronMarkdown.ts';
import { promptSelector } from './promptFiles.ts';
import type { PromptFiles } from './promptFiles.ts';
import { unitAt } from './promptLine.ts';
import type { PromptLine } from './promptLine.ts';
import { shadeOf, shades, tokenAt, weightLines } from './weights.ts';

/** The editor tells when a pointer comes to a word and not when it leaves the text: then the shades stay for this long, ms: long enough to read them. */
const STAY_MS = 30_000;

type Head = Extract<ShortAddress, { readonly kind: 'head' }>;

/** What is hovered. */
interface Asked {
  readonly run: LastRun;
  readonly head: Head;
  readonly address: string;
  readonly tokens: readonly TokenInfo[];
  readonly position: number;
}

export class PromptShading implements vscode.HoverProvider, vscode.Disposable {
  private readonly files: PromptFiles;
  private readonly runs: LastRuns;
  private readonly memory: PromptMemory;
  private readonly types: readonly vscode.TextEditorDecorationType[];
  private readonly own: vscode.TextEditorDecorationType;
  private readonly subscriptions: readonly vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private shaded: vscode.TextDocument | undefined;
  /** Counts what was hovered, so that an answer that comes late shades nothing. */
  private asked = 0;

  constructor(files: PromptFiles, runs: LastRuns, memory: PromptMemory) {
    this.files = files;
    this.runs = runs;
    this.memory = memory;
    this.types = shades.map((_, index) => vscode.window.createTextEditorDecorationType({ backgroundColor: new vscode.ThemeColor(`cogscope.attention${index + 1}`) }));
    this.own = vscode.window.createTextEditorDecorationType({ outline: '1px solid', outlineColor: new vscode.ThemeColor('focusBorder') });
    // Logs are documents too, and change all the time.
    const clearFor = (document: vscode.TextDocument): void => void (document === this.shaded && this.clear());
    this.subscriptions = [
      ...this.types, this.own, vscode.languages.registerHoverProvider(promptSelector, this), vscode.window.onDidChangeActiveTextEditor(() => this.clear()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => clearFor(textEditor.document)),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => clearFor(textEditor.document)), vscode.workspace.onDidChangeTextDocument(({ document }) => clearFor(document)),
    ];
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.Hover | undefined> {
    this.clear();
    const line = this.files.lineOf(document, position.line);
    const unit = line && unitAt(line, position.character);
    const run = line && this.runs.ofText(line.text);
    if (!line || unit === undefined || !run) return undefined;
    const asked = this.ask(run, unit);
    if (!asked) return undefined;
    const number = this.asked;
    const weights = await weightsOf(asked).catch(() => undefined); // The engine may have let the run go, or be starting.
    if (!weights || token.isCancellationRequested || number !== this.asked) return undefined;
    const rangeOf = (one: TokenInfo | undefined): vscode.Range => tokenRange(one, line, position.line);
    this.shade(document, asked, weights, rangeOf);
    return new vscode.Hover(told(asked, weights), rangeOf(asked.tokens[asked.position]));
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Cross attention goes from another prompt than the one that the line holds. */
  private ask(run: LastRun, unit: number): Asked | undefined {
    const { address } = this.memory.of(run.handle.uri);
    const head = address === null ? undefined : parseShort(address);
    if (address === null || head?.kind !== 'head' || head.attention === 'cross') return undefined;
    const [first] = Object.keys(run.result.towers);
    const { tokens } = run.result;
    const position = first === undefined || first === head.tower ? tokenAt(tokens, unit) : undefined;
    return position === undefined ? undefined : { run, head, address, tokens, position };
  }

  private shade(document: vscode.TextDocument, { tokens, position }: Asked, weights: ArrayLike<number>, rangeOf: (token: TokenInfo | undefined) => vscode.Range): void {
    const editors = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
    for (const editor of editors) {
      this.types.forEach((type, shade) => editor.setDecorations(type, tokens.filter((_, index) => shadeOf(weights[index] ?? 0) === shade).map(rangeOf)));
      editor.setDecorations(this.own, [rangeOf(tokens[position])]);
    }
    this.shaded = document;
    this.timer = setTimeout(() => this.clear(), STAY_MS);
  }

  private clear(): void {
    this.asked++;
    if (!this.shaded) return;
    clearTimeout(this.timer);
    this.shaded = undefined;
    for (const editor of vscode.window.visibleTextEditors) for (const type of [...this.types, this.own]) editor.setDecorations(type, []);
  }
}

/** The row of the head's pattern, a weight a token. */
async function weightsOf({ run, head, tokens, position }: Asked): Promise<ArrayLike<number>> {
  const { tower, layer, attention } = head;
  const { values } = await run.handle.call('patternTile', { run: run.result.run, tower, attention, layer, head: head.head, row: position, rows: 1, col: 0, cols: tokens.length });
  return values;
}

/** Tokens that the tokenizer added stand nowhere in the text. */
function tokenRange(token: TokenInfo | undefined, { columns }: PromptLine, line: number): vscode.Range {
  const [start, end] = [columns[token?.start ?? 0] ?? 0, columns[token?.end ?? 0] ?? 0];
  return new vscode.Range(line, start, line, Math.max(start, end));
}

function told({ run, address, tokens, position }: Asked, weights: ArrayLike<number>): vscode.MarkdownString {
  const lines = weightLines(tokens, weights);
  const markdown = new vscode.MarkdownString(`In **${escaped(address)}** of ${escaped(run.handle.title)} this token (${position}) attends to`);
  return markdown.appendCodeblock(lines.length === 0 ? 'nothing in particular' : lines.join('\n'), 'plaintext');
}
