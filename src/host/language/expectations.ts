/** What each expectation of an experiment came to, in the gutter and on hover. */
import * as vscode from 'vscode';
import type { Range } from '../../experiments/jsonText.ts';
import { judge } from '../../shared/experiment/expect.ts';
import type { Verdict } from '../../shared/experiment/expect.ts';
import type { History, KeptRun } from '../experiments/history.ts';
import { shortKeyOf } from '../experiments/history.ts';
import { rangeIn, selector } from './experimentDocuments.ts';
import type { ExperimentDocuments, ReadDocument } from './experimentDocuments.ts';
import { expectationPlaces } from './places.ts';
import type { ExpectationPlace } from './places.ts';
import { shortVerdict } from './verdictMark.ts';

interface Judged {
  readonly verdict: Verdict;
  readonly place: ExpectationPlace;
}

type Mark = 'passed' | 'failed';

/** Behind each expectation's line; the gutter is the Testing view's, which marks the same lines. */
export class ExpectationMarks implements vscode.HoverProvider, vscode.Disposable {
  private readonly documents: ExperimentDocuments;
  private readonly history: History;
  private readonly types: Readonly<Record<Mark, vscode.TextEditorDecorationType>>;
  private readonly subscriptions: readonly vscode.Disposable[];
  /** The last run that was read, by its id: a hover and each change of the text look at it. */
  private last: KeptRun | undefined;

  constructor(documents: ExperimentDocuments, history: History) {
    this.documents = documents;
    this.history = history;
    const type = (color: string): vscode.TextEditorDecorationType => vscode.window.createTextEditorDecorationType({
      after: { color: new vscode.ThemeColor(color), margin: '0 0 0 2em' }, isWholeLine: true, rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    });
    this.types = { passed: type('editorCodeLens.foreground'), failed: type('editorError.foreground') };
    const all = (): void => vscode.window.visibleTextEditors.forEach((editor) => void this.mark(editor));
    this.subscriptions = [
      ...Object.values(this.types), vscode.languages.registerHoverProvider(selector, this),
      documents.onDidRead(all), history.onDidAdd(all), vscode.window.onDidChangeVisibleTextEditors(all),
    ];
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const offset = document.offsetAt(position);
    const judged = await this.judge(this.documents.of(document.uri));
    const here = judged.filter(({ place: { entry } }) => holds(entry, offset));
    const closest = here.filter(({ place: { own } }) => holds(own, offset));
    const shown = closest.length > 0 ? closest : here;
    const [first] = shown;
    return first && new vscode.Hover(shown.map(({ verdict }) => told(verdict)), rangeIn(document, first.place.entry));
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async mark(editor: vscode.TextEditor): Promise<void> {
    const read = this.documents.of(editor.document.uri);
    if (!read) return;
    const judged = await this.judge(read);
    const lines = (mark: Mark): readonly vscode.DecorationOptions[] =>
      judged.filter(({ verdict }) => verdict.passed === (mark === 'passed')).map(({ verdict, place: { own } }) => {
        const { range } = editor.document.lineAt(editor.document.positionAt(own.offset + own.length));
        return { range, renderOptions: { after: { contentText: shortVerdict(verdict) } } };
      });
    editor.setDecorations(this.types.passed, lines('passed'));
    editor.setDecorations(this.types.failed, lines('failed'));
  }

  /** By the last result of the experiment as it is written now; nothing while it was changed or has never run. */
  private async judge(read: ReadDocument | undefined): Promise<readonly Judged[]> {
    if (!read?.experiment) return [];
    const note = this.history.lastOf(read.document.uri);
    if (!note || note.key !== shortKeyOf(read.experiment)) return [];
    if (this.last?.note.id !== note.id) this.last = await this.history.read(note.id);
    if (!this.last) return [];
    const places = expectationPlaces(read.json);
    // What is expected may have been changed since: the cells are judged by what stands there now.
    return judge(read.experiment.expect, { frame: this.last.outcome.frame, values: this.last.outcome }).flatMap((verdict, index) => {
      const place = places[index];
      return place ? [{ verdict, place }] : [];
    });
  }
}

const holds = ({ offset, length }: Range, at: number): boolean => offset <= at && at <= offset + length;

/** What a result says is text, not marks. */
const told = ({ passed, text }: Verdict): vscode.MarkdownString => new vscode.MarkdownString(passed ? '$(pass) ' : '$(error) ', true).appendText(`${text}.`);
