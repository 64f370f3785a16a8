/** Experiments with expectations in the Testing view: a file each, with its expectations below it. */
import * as vscode from 'vscode';
import { openExperiment } from '../../experiments/experimentFile.ts';
import type { ExperimentFile } from '../../experiments/experimentFile.ts';
import { sentence } from '../../shared/errors.ts';
import { judge } from '../../shared/experiment/expect.ts';
import type { History } from '../experiments/history.ts';
import type { RunNote } from '../experiments/historyIndex.ts';
import { testsId } from '../ids.ts';
import { nameOf, SUFFIX } from '../experiments/names.ts';
import type { RunServices } from '../experiments/runFile.ts';
import { expectationLabel } from '../experiments/words.ts';
import { isExperiment, rangeIn } from '../language/experimentDocuments.ts';
import { expectationPlaces } from '../language/places.ts';
import { reportAll, runTests } from './runTests.ts';

const NOT_TESTS = '**/{node_modules,.git,.venv,venv,site-packages}/**';
const MOST_FILES = 2000;

export class ExperimentTests implements vscode.Disposable {
  private readonly controller = vscode.tests.createTestController(testsId, 'Cogscope Experiments');
  private readonly subscriptions: vscode.Disposable[];
  /** Listing happens once, when the view or an experiment is first looked at. */
  private listed: Promise<void> | undefined;
  private readonly history: History;
  /** Test runs that are under way report for themselves. */
  private running = 0;

  constructor(services: RunServices, history: History) {
    this.history = history;
    const { controller } = this;
    controller.resolveHandler = (item) => (item ? this.list(item.uri) : this.listAll());
    controller.refreshHandler = () => {
      this.listed = undefined;
      return this.listAll();
    };
    const run = async (request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> => {
      this.running++;
      await runTests(controller, services, request, token, () => this.listAll()).finally(() => this.running--);
    };
    controller.createRunProfile('Run', vscode.TestRunProfileKind.Run, run, true);
    const watcher = vscode.workspace.createFileSystemWatcher(`**/*${SUFFIX}`);
    const changed = (uri: vscode.Uri): void => void this.list(uri);
    this.subscriptions = [
      controller, watcher, history.onDidAdd((note) => void this.take(note)), watcher.onDidCreate(changed), watcher.onDidChange(changed), watcher.onDidDelete((uri) => controller.items.delete(uri.toString())),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => isExperiment(uri) && changed(uri)),
    ];
    // An experiment that is open already is listed without the view being opened.
    for (const { uri } of vscode.workspace.textDocuments) if (isExperiment(uri)) changed(uri);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private listAll(): Promise<void> {
    this.listed ??= vscode.workspace.findFiles(`**/*${SUFFIX}`, NOT_TESTS, MOST_FILES).then(async (uris) => {
      const found = new Set(uris.map(String));
      const gone = [...this.controller.items].map(([id]) => id).filter((id) => !found.has(id));
      for (const id of gone) this.controller.items.delete(id);
      for (const uri of uris) await this.list(uri);
    }, undefined) as Promise<void>;
    return this.listed;
  }

  /** A run from a CodeLens or a panel counts as well as one from the Testing view. */
  private async take(note: RunNote): Promise<void> {
    const item = note.source === null ? undefined : this.controller.items.get(note.source);
    if (!item || this.running > 0 || !note.complete) return;
    const kept = await this.history.read(note.id);
    if (!kept) return;
    const children = [...item.children].map(([, child]) => child);
    const run = this.controller.createTestRun(new vscode.TestRunRequest([item], undefined, undefined, false, true), item.label);
    reportAll(run, children, judge(kept.experiment.expect, { frame: kept.outcome.frame, values: kept.outcome }), kept.outcome.ms);
    run.end();
  }

  private async list(uri: vscode.Uri | undefined): Promise<void> {
    if (!uri || uri.scheme !== 'file' || /\/(node_modules|\.git|\.?venv)\//.test(uri.path)) return;
    const file = await openExperiment(uri.fsPath).catch(() => undefined);
    const id = uri.toString();
    const places = file ? expectationPlaces(file.json) : [];
    if (!file || places.length === 0) {
      this.controller.items.delete(id);
      return;
    }
    const item = this.controller.items.get(id) ?? this.controller.createTestItem(id, nameOf(uri).slice(0, -SUFFIX.length), uri);
    item.description = vscode.workspace.asRelativePath(uri);
    item.range = new vscode.Range(0, 0, 0, 0);
    await this.fill(item, uri, file);
    this.controller.items.add(item);
  }

  private async fill(item: vscode.TestItem, uri: vscode.Uri, { experiment, json, problems }: ExperimentFile): Promise<void> {
    const [problem] = problems;
    item.error = problem ? sentence({ ...problem, where: `${nameOf({ path: problem.file })}:${problem.line}` }) : undefined;
    const document = await vscode.workspace.openTextDocument(uri);
    const places = expectationPlaces(json);
    item.children.replace((experiment?.expect ?? []).map((expectation, index) => {
      const child = this.controller.createTestItem(`${item.id}#${index}`, expectationLabel(expectation), uri);
      // Children stand in the file's order, not in that of the alphabet.
      child.sortText = String(index).padStart(6, '0');
      const place = places[index];
      if (place) child.range = rangeIn(document, place.own);
      return child;
    }));
  }
}
