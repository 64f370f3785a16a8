/** Above each experiment: run it, run it and compare, and what came of it last. */
import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import type { History } from '../experiments/history.ts';
import { shortKeyOf } from '../experiments/history.ts';
import type { Experiments } from '../experiments/experiments.ts';
import { selector } from './experimentDocuments.ts';
import type { ExperimentDocuments } from './experimentDocuments.ts';
import { lastLens } from './lensText.ts';

/** How often "2 min ago" is told anew, ms. */
const TICK_MS = 60_000;

export class ExperimentLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly documents: ExperimentDocuments;
  private readonly experiments: Experiments;
  private readonly history: History;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: readonly vscode.Disposable[];
  private readonly clock: NodeJS.Timeout;

  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(documents: ExperimentDocuments, experiments: Experiments, history: History) {
    this.documents = documents;
    this.experiments = experiments;
    this.history = history;
    const tell = (): void => this.changed.fire();
    this.clock = setInterval(tell, TICK_MS);
    this.subscriptions = [
      vscode.languages.registerCodeLensProvider(selector, this), this.changed,
      documents.onDidRead(tell), history.onDidAdd(tell), experiments.onDidChangeRunning(tell), vscode.workspace.onDidGrantWorkspaceTrust(tell),
    ];
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    const read = this.documents.of(uri);
    if (!read) return [];
    const first = new vscode.Range(0, 0, 0, 0);
    const lens = (title: string, command: string, tooltip: string): vscode.CodeLens => new vscode.CodeLens(first, { title, command, tooltip, arguments: [uri] });
    if (read.problems.length > 0) return [lens('$(warning) Cannot be run as it is', 'workbench.actions.view.problems', 'Show what is wrong')];
    if (!vscode.workspace.isTrusted) return [lens('$(shield) Running needs a trusted workspace', 'workbench.trust.manage', 'Manage workspace trust')];
    const running = this.experiments.runningOf(uri);
    if (running !== undefined) return [lens(`$(loading~spin) ${running}`, commandIds.runExperiment, 'Show it in the patching panel')];
    const note = this.history.lastOf(uri);
    return [
      lens('$(play) Run', commandIds.runExperiment, 'Run this experiment in the patching panel'),
      lens('$(diff) Run and compare', commandIds.compareExperiment, 'Run this experiment and compare the result with the last one'),
      ...(note ? [lens(lastLens({ note, now: Date.now(), same: read.experiment !== null && note.key === shortKeyOf(read.experiment) }), commandIds.experimentHistory, 'Earlier runs of this experiment')] : []),
    ];
  }

  dispose(): void {
    clearInterval(this.clock);
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
