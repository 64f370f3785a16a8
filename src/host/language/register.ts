/** What the editor does with experiments' files. */
import * as vscode from 'vscode';
import type { Models } from '../engine/models.ts';
import type { Experiments } from '../experiments/experiments.ts';
import type { History } from '../experiments/history.ts';
import { AddressCompletion } from './addressCompletion.ts';
import { ExpectationMarks } from './expectations.ts';
import { ExperimentDocuments } from './experimentDocuments.ts';
import { ExperimentLenses } from './lenses.ts';
import { showProblems } from './problems.ts';

export interface LanguageServices {
  readonly models: Models;
  readonly experiments: Experiments;
  readonly history: History;
}

export function registerExperimentFiles({ models, experiments, history }: LanguageServices): vscode.Disposable {
  const documents = new ExperimentDocuments();
  const registered = vscode.Disposable.from(
    documents, showProblems(documents), new ExperimentLenses(documents, experiments, history), new ExpectationMarks(documents, history), new AddressCompletion(documents, models),
  );
  documents.again();
  return registered;
}
